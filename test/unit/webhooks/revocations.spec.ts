import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Subject } from 'rxjs';
import type { AuthService } from '../../../src/auth/index.js';
import { stateUnavailable } from '../../../src/domain/errors.js';
import { Revocations } from '../../../src/mcp-events/webhooks/revocations.js';
import { until } from '../../support/until.js';
import { WebhookBench } from '../../support/webhooks.js';

describe('Revocations', () => {
  const bench = new WebhookBench().start();
  afterEach(async () => {
    await bench.stop();
    bench.service.close();
  });

  it('end webhooks as soon as the state that was away is back', async () => {
    const { state } = bench.service;
    const ann = bench.service.person('Ann');
    const id = await bench.subscribe(ann);
    const asked = jest
      .spyOn(state, 'participantsOf')
      .mockImplementationOnce(() => {
        throw stateUnavailable();
      })
      .mockReturnValue([ann]);
    const revoked = new Subject<string>();
    const revocations = new Revocations({ revoked } as unknown as AuthService, bench.feed, state);
    revocations.onModuleInit();
    revoked.next('somebody');

    await until('the end', () => bench.store.find(id, bench.service.clock.now()) === undefined);
    expect(asked).toHaveBeenCalledTimes(2);
    expect(bench.egress.sent.map(({ body }) => body['type'])).toEqual(['terminated']);
    revocations.onModuleDestroy();
  });
});
