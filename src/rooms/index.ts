export { RoomsModule } from './rooms.module.js';
export { type Joined, RoomsService } from './rooms.service.js';
