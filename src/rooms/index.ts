export { RoomsModule } from './rooms.module.js';
export { type Group, type Joined, type Opened, RoomsService, type Sent, type TicketGroup } from './rooms.service.js';
