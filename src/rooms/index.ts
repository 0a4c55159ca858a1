export { RoomsModule } from './rooms.module.js';
export { type Joined, type Opened, RoomsService } from './rooms.service.js';
