import { afterAll, afterEach, beforeAll } from '@jest/globals';
import { PostgresHistoryStore } from '../../src/adapters/postgres/postgres-history-store.js';
import { describeHistoryStoreContract } from '../../src/testing/index.js';
import { TestPostgres } from '../support/postgres.js';
import { describeWith } from '../support/programs.js';

describeWith(['initdb'], 'in a PostgreSQL', (program) => {
  let postgres: TestPostgres;
  const stores: PostgresHistoryStore[] = [];

  beforeAll(async () => {
    postgres = await TestPostgres.start(program);
  }, 120_000);
  afterEach(() => Promise.all(stores.splice(0).map((store) => store.close())));
  afterAll(() => postgres.stop());

  describeHistoryStoreContract('postgres', async () => {
    const store = await PostgresHistoryStore.open({ url: await postgres.database(), migrate: true });
    stores.push(store);
    return store;
  });
});
