import {
  type DynamicModule,
  type FactoryProvider,
  Inject,
  Module,
  type ModuleMetadata,
  type OnApplicationBootstrap,
  type OnModuleInit,
  type Provider,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { ConfigurationError, ParleyConfig } from '../config/index.js';
import { Clock } from '../ports/clock.js';
import { Front } from '../ports/front.js';
import { IdentityVerifier } from '../ports/identity-verifier.js';
import { AuthService } from './auth.service.js';
import { mountMetadata } from './protected-resource.js';

/** A verifier of the host application, as a provider of Nest without its token, and modules whose exports it needs. */
export type HostVerifier = object & { readonly imports?: ModuleMetadata['imports'] };

const OWN_VERIFIER = Symbol('parley/OwnVerifier');

/** Only what is configured is loaded; behind a front it is the front's. */
const CONFIGURED: FactoryProvider<IdentityVerifier | null> = {
  provide: IdentityVerifier,
  useFactory: async ({ auth }: ParleyConfig, clock: Clock, front: Front | null) => {
    if (front) return front.verifier;
    switch (auth.mode) {
      case 'none':
        return null;
      case 'jwt':
        return new (await import('./verifiers/jwt.verifier.js')).JwtVerifier(auth, clock);
      case 'introspection':
        return new (await import('./verifiers/introspection.verifier.js')).IntrospectionVerifier(auth, clock);
      case 'api-key':
        return new (await import('./verifiers/api-key.verifier.js')).ApiKeyVerifier(auth.apiKeysFile!);
    }
  },
  inject: [ParleyConfig, Clock, { token: Front, optional: true }],
};

/** Who may use the endpoint, and who they are. */
@Module({})
export class AuthModule implements OnModuleInit, OnApplicationBootstrap {
  constructor(
    private readonly adapterHost: HttpAdapterHost,
    @Inject(ParleyConfig) private readonly config: ParleyConfig,
    @Inject(OWN_VERIFIER) private readonly own: boolean,
  ) {}

  /** @param own verifies instead of what is configured */
  static register({ imports = [], ...own }: HostVerifier = {}): DynamicModule {
    const isOwn = Object.keys(own).length > 0;
    return {
      module: AuthModule,
      imports,
      providers: [
        isOwn ? ({ ...own, provide: IdentityVerifier } as Provider) : CONFIGURED,
        { provide: OWN_VERIFIER, useValue: isOwn },
        AuthService,
      ],
      exports: [AuthService, IdentityVerifier],
    };
  }

  /** @throws ConfigurationError when two verifiers are wanted */
  onModuleInit(): void {
    if (this.own && this.config.auth.mode !== 'none') {
      throw new ConfigurationError('AUTH_MODE must be none when the application brings a verifier of its own');
    }
  }

  onApplicationBootstrap(): void {
    const adapter = this.adapterHost.httpAdapter;
    if (adapter?.getType() === 'fastify') mountMetadata(adapter.getInstance<FastifyInstance>(), this.config.auth);
  }
}
