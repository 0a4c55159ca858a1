export { ParticipantsModule } from './participants.module.js';
export { ParticipantsService } from './participants.service.js';
