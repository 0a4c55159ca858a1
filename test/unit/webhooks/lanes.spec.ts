import { describe, expect, it } from '@jest/globals';
import { DeliveryLanes, type Health, type Item } from '../../../src/mcp-events/webhooks/delivery-lanes.js';
import { settled } from '../../support/fakes.js';

interface Named extends Item {
  readonly name: string;
}

/** Lanes whose attempts end when a test says so. */
class Bench {
  readonly begun: string[] = [];
  readonly #ends = new Map<string, (health: Health) => void>();
  readonly lanes: DeliveryLanes<Named>;

  constructor(limits: Partial<{ total: number; perEndpoint: number; held: number; heldPerEndpoint: number }> = {}) {
    this.lanes = new DeliveryLanes(
      { total: 8, perEndpoint: 2, held: 100, heldPerEndpoint: 50, ...limits },
      ({ name }) => {
        this.begun.push(name);
        return new Promise((resolve) => this.#ends.set(name, resolve));
      },
    );
  }

  /** Adds `endpoint subscription number` each. */
  async add(...names: string[]): Promise<void> {
    for (const name of names) {
      const [endpoint, subscriptionId] = name.split(' ') as [string, string];
      this.lanes.add({ name, endpoint, subscriptionId: `${endpoint} ${subscriptionId}` });
    }
    await turns();
  }

  async end(name: string, health: Health = 'well'): Promise<void> {
    const end = this.#ends.get(name);
    if (!end) throw new Error(`${name} has not begun`);
    this.#ends.delete(name);
    end(health);
    await turns();
  }
}

const turns = async () => {
  for (let i = 0; i < 12; i++) await settled();
};

describe('DeliveryLanes', () => {
  it('delivers to one subscription one after the other, to several side by side', async () => {
    const bench = new Bench();
    await bench.add('a 1 1', 'a 1 2', 'a 2 1');
    expect(bench.begun).toEqual(['a 1 1', 'a 2 1']);
    await bench.end('a 1 1');
    expect(bench.begun).toEqual(['a 1 1', 'a 2 1', 'a 1 2']);
  });

  it('lets an endpoint have only so many attempts at a time', async () => {
    const bench = new Bench();
    await bench.add('a 1 1', 'a 2 1', 'a 3 1', 'b 1 1');
    expect(bench.begun.sort()).toEqual(['a 1 1', 'a 2 1', 'b 1 1']);
    await bench.end('a 2 1');
    expect(bench.begun).toContain('a 3 1');
  });

  it('gives endpoints their turn when all is full', async () => {
    const bench = new Bench({ total: 1 });
    await bench.add('a 1 1', 'a 1 2', 'a 1 3', 'b 1 1', 'c 1 1');
    await bench.end('a 1 1');
    await bench.end(bench.begun.at(-1)!);
    await bench.end(bench.begun.at(-1)!);
    expect(bench.begun.slice(1, 3).sort()).toEqual(['b 1 1', 'c 1 1']);
    expect(bench.begun[3]).toBe('a 1 2');
  });

  it('keeps endpoints that are stuck from taking what others need', async () => {
    const bench = new Bench({ total: 4 });
    const stuck = ['a', 'b', 'c', 'd'].map((endpoint) => `${endpoint} 1 1`);
    await bench.add(...stuck);
    for (const name of stuck) await bench.end(name, 'stuck');
    await bench.add(...['a', 'b', 'c', 'd'].flatMap((endpoint) => [`${endpoint} 2 1`, `${endpoint} 3 1`]));
    expect(bench.begun.slice(4)).toHaveLength(2);
    await bench.add('e 1 1', 'f 1 1');
    expect(bench.begun.slice(-2)).toEqual(['e 1 1', 'f 1 1']);
  });

  it('gives a stuck endpoint its whole width back when it is well again', async () => {
    const bench = new Bench();
    await bench.add('a 1 1');
    await bench.end('a 1 1', 'stuck');
    await bench.add('a 1 2', 'a 2 1', 'a 3 1');
    expect(bench.begun.slice(1)).toEqual(['a 1 2']);
    await bench.end('a 1 2');
    expect(bench.begun.slice(1)).toEqual(['a 1 2', 'a 2 1', 'a 3 1']);
  });

  it('says how much more it takes', async () => {
    const bench = new Bench({ held: 3, heldPerEndpoint: 2 });
    await bench.add('a 1 1', 'a 1 2');
    expect([bench.lanes.room, bench.lanes.hasRoomFor('a'), bench.lanes.hasRoomFor('b')]).toEqual([1, false, true]);
    expect([...bench.lanes.full]).toEqual(['a']);
    await bench.end('a 1 1');
    expect([bench.lanes.room, bench.lanes.hasRoomFor('a')]).toEqual([2, true]);
    await bench.end('a 1 2');
    expect([bench.lanes.room, bench.lanes.running]).toEqual([3, 0]);
  });

  it('leaves other work its turn between the attempts that it starts', async () => {
    const bench = new Bench({ total: 1_000, perEndpoint: 1_000, held: 1_000, heldPerEndpoint: 1_000 });
    for (let i = 0; i < 100; i++) bench.lanes.add({ name: `${i}`, endpoint: 'a', subscriptionId: `${i}` });
    await settled();
    expect(bench.begun.length).toBeLessThan(50);
    await turns();
    expect(bench.begun).toHaveLength(100);
  });

  it('starts nothing once it is stopped and returns what it had not begun', async () => {
    const bench = new Bench();
    await bench.add('a 1 1', 'a 1 2', 'b 1 1', 'b 1 2');
    expect(bench.lanes.stop().map(({ name }) => name)).toEqual(['a 1 2', 'b 1 2']);
    await bench.end('a 1 1');
    expect(bench.begun).toHaveLength(2);
    expect([bench.lanes.room, bench.lanes.running]).toEqual([0, 1]);
  });
});
