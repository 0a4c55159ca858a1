import { createHash } from 'node:crypto';

/** The schema that statements name, and where tables are unless told otherwise. */
export const DEFAULT_SCHEMA = 'parley';

/** Where the tables of one service are. Several in one database know nothing of each other. */
export class Schema {
  /** Statements as they are carried out: there are only so many. */
  readonly #statements = new Map<string, string>();
  readonly #offset: number;

  /** @param name a-z, 0-9 and `_` */
  constructor(readonly name = DEFAULT_SCHEMA) {
    this.#offset = name === DEFAULT_SCHEMA ? 0 : createHash('sha256').update(name).digest().readUIntBE(0, 6);
  }

  /** A statement about tables of the schema `parley`, for those of this one. */
  sql(statement: string): string {
    if (this.name === DEFAULT_SCHEMA) return statement;
    let own = this.#statements.get(statement);
    if (own === undefined) {
      own = statement.replaceAll(/\bparley\./g, `${this.name}.`);
      this.#statements.set(statement, own);
    }
    return own;
  }

  /** The key of an advisory lock: what one service holds holds up no other one. */
  lock(key: number): number {
    return key + this.#offset;
  }
}
