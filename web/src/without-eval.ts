/**
 * To be imported before anything else: tells Zod, which the MCP client reads messages with, not to try whether it may
 * compile code at run time. A strict Content-Security-Policy forbids it, and reports the attempt.
 */
(globalThis as { __zod_globalConfig?: { jitless: boolean } }).__zod_globalConfig = { jitless: true };
