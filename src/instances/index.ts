export { InstancesModule } from './instances.module.js';
export { InstancesService } from './instances.service.js';
