import { type DynamicModule, Inject, Module, type OnModuleInit } from '@nestjs/common';
import { ParleyConfig } from '../config/index.js';
import { type McpMethod, McpRegistry } from '../mcp-transport/index.js';
import { NotificationsModule } from '../notifications/index.js';
import { ParticipantsModule } from '../participants/index.js';
import { WebhookStore } from '../ports/webhook-store.js';
import { RoomsModule } from '../rooms/index.js';
import { EventCursors } from './event-cursors.js';
import { asRpcError, errorTableOf, EVENTS_EXTENSION } from './event-errors.js';
import { EventStarts } from './event-starts.js';
import { EventsKey } from './events-key.js';
import { EventsService } from './events.service.js';
import { OpeningService } from './opening.service.js';
import { PollService } from './poll.service.js';
import { SubjectService } from './subject.service.js';
import { WEBHOOK_PROVIDERS, WebhooksService } from './webhooks/index.js';

/** The catalogue changes with a deployment only. */
const SETTINGS = { listChanged: false };

/** MCP Events (`io.modelcontextprotocol/events`, SEP-3415) on the MCP endpoint. */
@Module({})
export class McpEventsModule implements OnModuleInit {
  constructor(
    private readonly registry: McpRegistry,
    private readonly events: EventsService,
    private readonly polls: PollService,
    private readonly webhooks: WebhooksService,
    @Inject(ParleyConfig) private readonly config: ParleyConfig,
  ) {}

  /** @param transport, auth the modules that provide the registry of the endpoint and the auth service */
  static register(transport: DynamicModule, auth: DynamicModule): DynamicModule {
    return {
      module: McpEventsModule,
      imports: [transport, auth, ParticipantsModule, RoomsModule, NotificationsModule],
      providers: [
        {
          provide: EventsKey,
          useFactory: (config: ParleyConfig, store: WebhookStore) => EventsKey.open(config, store),
          inject: [ParleyConfig, WebhookStore],
        },
        EventCursors,
        EventStarts,
        SubjectService,
        OpeningService,
        EventsService,
        PollService,
        ...WEBHOOK_PROVIDERS,
      ],
    };
  }

  onModuleInit(): void {
    // Clients in the field read the top-level key alone, those of the specification the extension's.
    this.registry.addCapability('events', SETTINGS);
    this.registry.addExtension(EVENTS_EXTENSION, SETTINGS);
    this.#serve('events/list', (params, call) => this.events.list(params, call));
    this.#serve('events/poll', (params, call) => this.polls.poll(params, call));
    this.#serve('events/stream', (params, call) => this.events.stream(params, call));
    this.#serve('events/subscribe', (params, call) => this.webhooks.subscribe(params, call));
    this.#serve('events/unsubscribe', (params, call) => this.webhooks.unsubscribe(params, call));
  }

  /** In both eras, with errors in the numbers that the caller understands. */
  #serve(name: string, handle: McpMethod['handle']): void {
    this.registry.addMethod({
      name,
      eras: 'both',
      handle: async (params, call) => {
        try {
          return await handle(params, call);
        } catch (error) {
          throw asRpcError(error, errorTableOf(call, this.config.events.errorCodes));
        }
      },
    });
  }
}
