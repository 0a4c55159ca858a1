export { RoomsModule } from './rooms.module.js';
export { type Group, type Joined, RoomsService, type Sent } from './rooms.service.js';
