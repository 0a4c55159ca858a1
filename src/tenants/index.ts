export { type FrontOptions, TenantsModule } from './tenants.module.js';
export { TenantsService } from './tenants.service.js';
