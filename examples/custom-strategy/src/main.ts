import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { ParleyConfig } from 'mcp-parley';
import { AppModule } from './app.module.js';

const adapter = new FastifyAdapter({ forceCloseConnections: true, return503OnClosing: false });
const app = await NestFactory.create<NestFastifyApplication>(AppModule, adapter, { logger: ['error', 'warn'] });
app.enableShutdownHooks();
const { host, port } = app.get<ParleyConfig>(ParleyConfig);
await app.listen(port, host);
console.log(`${await app.getUrl()}/mcp`);
