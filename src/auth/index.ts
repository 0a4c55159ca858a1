export { AccessDenied } from './access-denied.js';
export { AuthModule } from './auth.module.js';
export { AuthService } from './auth.service.js';
export { bearerOf } from './bearer.js';
export { WELL_KNOWN } from './protected-resource.js';
export type { Grant, GrantEnd } from './grant.js';
export { type ApiKey, ApiKeyError, createApiKey } from './verifiers/api-keys.js';
