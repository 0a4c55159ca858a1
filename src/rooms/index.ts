export { RoomsModule } from './rooms.module.js';
export { type Group, type Joined, RoomsService } from './rooms.service.js';
