export { ParticipantsModule } from './participants.module.js';
export { ParticipantsService, type Profile } from './participants.service.js';
