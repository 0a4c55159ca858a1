/** Where operators are served. */
export const ADMIN_PATH = '/admin';
