export { OutboxRelay, type RelayOptions } from './outbox-relay.js';
