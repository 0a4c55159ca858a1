export { InstancesModule } from './instances.module.js';
export { ANSWER_NOW } from './request-forwarder.js';
export { InstancesService } from './instances.service.js';
