import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { ParleyModule } from '../../../src/index.js';

const ADMIN_TOKEN = 'an-admin-token-of-thirty-two-characters';
const environment = { LOG_LEVEL: 'error', ADMIN_TOKEN };

@Controller('admin')
class Users {
  @Get('users')
  users() {
    return ['ann'];
  }
}

@Controller('admin')
class Pools {
  @Get('pools')
  pools() {
    return 'swimming pools';
  }
}

@Module({ imports: [ParleyModule.register({ environment })], controllers: [Users] })
class Beside {}

@Module({ imports: [ParleyModule.register({ environment })], controllers: [Pools] })
class Instead {}

describe('/admin in a host application', () => {
  let app: NestFastifyApplication;
  const start = async (module: new () => object) => {
    app = await NestFactory.create<NestFastifyApplication>(module, new FastifyAdapter(), { logger: false });
    await app.listen(0, '127.0.0.1');
    const headers = { Authorization: `Bearer ${ADMIN_TOKEN}`, 'Content-Type': 'application/json' };
    return async (path: string, body?: object) => {
      const method = body ? 'PATCH' : 'GET';
      const response = await fetch(`${await app.getUrl()}${path}`, {
        method,
        headers,
        body: body && JSON.stringify(body),
      });
      return [response.status, await response.text()];
    };
  };
  afterEach(() => app.close());

  it('is served beside what the application has there', async () => {
    const ask = await start(Beside);
    expect(await ask('/admin/users')).toEqual([200, '["ann"]']);
    expect(await ask('/admin/pools')).toEqual([200, expect.stringContaining('"pool":"default"')]);
    expect(await ask('/admin/pools/default', { mode: 'paused' })).toEqual([200, expect.stringContaining('"paused"')]);
    expect(await ask('/elsewhere')).toEqual([404, expect.stringContaining('Cannot GET')]);
  });

  it('is not served where the application has a route of the same name', async () => {
    const ask = await start(Instead);
    expect(await ask('/admin/pools')).toEqual([200, 'swimming pools']);
    expect((await ask('/admin/overview'))[0]).toBe(404);
  });
});
