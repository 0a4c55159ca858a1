export { builtPage } from './built-files.js';
export { serveFiles } from './serve-files.js';
export { WebModule } from './web.module.js';
