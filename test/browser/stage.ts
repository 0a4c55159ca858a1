import { afterAll, afterEach, beforeAll } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { ServiceProcess } from '../process/service.js';
import { ClientPool, type TestClient } from '../support/clients.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { ADMIN_TOKEN, Operator } from './operator.js';
import { openBrowser, Person, type PersonOptions } from './person.js';

/** The programs any of which will do as a browser. */
export const CHROMIUM = ['chromium', 'chromium-browser', 'google-chrome'];

/** A browser, services and networks; whatever a test opens is closed after it. */
export class Stage {
  readonly #services: ServiceProcess[] = [];
  readonly #proxies: TcpProxy[] = [];
  readonly #clients = new ClientPool();
  #browser: Browser | undefined;

  async open(executablePath: string): Promise<void> {
    this.#browser = await openBrowser(executablePath);
  }

  async service(environment: Readonly<Record<string, string>> = {}): Promise<ServiceProcess> {
    const service = await ServiceProcess.start(environment);
    this.#services.push(service);
    return service;
  }

  /** A network to the service that the test can break. */
  async network({ url }: ServiceProcess): Promise<TcpProxy> {
    const proxy = await TcpProxy.start(url);
    this.#proxies.push(proxy);
    return proxy;
  }

  client<T extends TestClient>(client: Promise<T>): Promise<T> {
    return this.#clients.add(client);
  }

  person(url: URL, options?: PersonOptions): Promise<Person> {
    return Person.at(this.#browser!, url, options);
  }

  /** A service with operators. */
  serviceWithOperators(environment: Readonly<Record<string, string>> = {}): Promise<ServiceProcess> {
    return this.service({ ADMIN_TOKEN, ...environment });
  }

  operator(url: URL, options?: PersonOptions): Promise<Operator> {
    return Operator.at(this.#browser!, url, options);
  }

  /** Ann and Ben, who met in the queue. */
  async pair(url: URL, options?: PersonOptions): Promise<[Person, Person]> {
    const [ann, ben] = await Promise.all([this.person(url, options), this.person(url, options)]);
    await ann.looks('Ann');
    await ann.sees('Looking for a partner');
    await ben.looks('Ben');
    await Promise.all([ann.composer.waitFor(), ben.composer.waitFor()]);
    return [ann, ben];
  }

  async clear(): Promise<void> {
    await Promise.all(this.#browser!.contexts().map((context) => context.close()));
    await this.#clients.closeAll();
    await Promise.all(this.#proxies.splice(0).map((proxy) => proxy.close()));
    await Promise.all(this.#services.splice(0).map((service) => service.end()));
  }

  async close(): Promise<void> {
    await this.#browser?.close();
  }
}

/** A stage for the tests of the surrounding block. */
export function useStage(executablePath: string): Stage {
  const stage = new Stage();
  beforeAll(() => stage.open(executablePath));
  afterEach(() => stage.clear());
  afterAll(() => stage.close());
  return stage;
}
