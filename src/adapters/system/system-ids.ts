import { randomBytes, randomUUID } from 'node:crypto';
import type { Ids } from '../../ports/ids.js';

export class SystemIds implements Ids {
  uuid(): string {
    return randomUUID();
  }

  secret(bytes: number): string {
    return randomBytes(bytes).toString('base64url');
  }

  random(): number {
    return Math.random();
  }
}
