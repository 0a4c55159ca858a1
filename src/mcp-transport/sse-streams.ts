import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Inject, Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { ParleyConfig } from '../config/index.js';
import { limitReached } from '../domain/errors.js';
import type { HttpExchange } from './http-exchange.js';
import { writeSoon, type Writer } from './turn-end.js';

/** How often a part of the streams gets its keep-alive, in milliseconds. */
const TICK_MS = 1_000;
/** A stream with so much to write does not wait for the end of the turn, in characters. */
const ENOUGH = 16_384;

/** A long-lived event stream with a bounded buffer. */
export class SseStream implements Writer {
  readonly #response: ServerResponse;
  #unsent = '';
  #closed = false;
  readonly #onClose = new Set<() => void>();
  #drained: Promise<void> | undefined;
  #finish: (() => string) | undefined;
  #revoked: (() => string) | undefined;
  #congestedSince: number | undefined;
  #sentThen = 0;

  constructor(
    exchange: HttpExchange,
    private readonly bufferBytes: number,
    private readonly keepAliveFrames: string,
  ) {
    exchange.openStream();
    this.#response = exchange.response;
    // The client may have gone while its caller was looked up; whoever opens the stream hears of it right after.
    if (this.#response.closed) queueMicrotask(() => this.#close());
    else this.#response.once('close', () => this.#close());
  }

  /** Takes whole frames, to be written with the others of this turn; false asks for a pause until `drained`. */
  write(frames: string): boolean {
    if (this.#closed) return true;
    if (this.#unsent === '') writeSoon(this);
    this.#unsent += frames;
    if (this.#unsent.length >= ENOUGH) this.flush();
    return !this.#congested;
  }

  /** Writes what was taken; the end of the turn does. */
  flush(): void {
    const frames = this.#unsent;
    if (frames === '' || this.#closed) return;
    this.#unsent = '';
    const socket = this.#socket;
    if (!socket) {
      this.#response.write(frames);
      return;
    }
    // One chunk in one write costs half of what ServerResponse.write does with its three (RFC 9112, section 7.1).
    const length = Buffer.byteLength(frames);
    // To Node, ASCII is quicker to write as Latin-1.
    socket.write(`${length.toString(16)}\r\n${frames}\r\n`, length === frames.length ? 'latin1' : 'utf8');
  }

  /** Writes frames that may be lost: only while the client keeps up. */
  writeLive(frames: string): void {
    if (!this.#congested) this.write(frames);
  }

  /** Settles when the client has caught up, or has gone. */
  drained(): Promise<void> {
    if (this.#closed || !this.#congested) return Promise.resolve();
    return (this.#drained ??= new Promise((resolve) => {
      const settle = () => {
        this.#drained = undefined;
        this.#onClose.delete(settle);
        resolve();
      };
      (this.#socket ?? this.#response).once('drain', settle);
      this.onClose(settle);
    }));
  }

  onClose(callback: () => void): void {
    this.#onClose.add(callback);
  }

  /** What to write last when the server ends the stream. */
  onFinish(lastFrames: () => string): void {
    this.#finish = lastFrames;
  }

  /** What to write before that when the stream ends because its client may no longer listen. */
  onRevoke(lastFrames: () => string): void {
    this.#revoked = lastFrames;
  }

  /** Ends the stream properly, because its client may no longer listen. */
  revoke(): void {
    if (this.#revoked) this.write(this.#revoked());
    this.end();
  }

  /** Ends the stream properly; the client may come back with its cursor. */
  end(): void {
    if (this.#closed) return;
    if (this.#finish) this.write(this.#finish());
    this.flush();
    this.#response.end();
    this.#close();
  }

  /** Cuts the connection. */
  destroy(): void {
    this.#response.destroy();
    this.#close();
  }

  /** Keeps the connection alive. False when the client has not taken anything for `stallMs`, or holds too much. */
  keepAlive(now: number, stallMs: number): boolean {
    if (!this.#congested) {
      this.#congestedSince = undefined;
      if (this.keepAliveFrames !== '') this.write(this.keepAliveFrames);
      return true;
    }
    const { socket } = this.#response;
    const sent = socket?.bytesWritten ?? 0;
    if (this.#congestedSince === undefined || sent > this.#sentThen) this.#congestedSince = now;
    this.#sentThen = sent;
    return now - this.#congestedSince < stallMs && (socket?.writableLength ?? 0) <= this.bufferBytes;
  }

  /** The socket, once everything before the stream has gone out on it and if the answer is sent in chunks. */
  get #socket(): Socket | undefined {
    const { socket, chunkedEncoding, writableLength } = this.#response as ServerResponse & {
      chunkedEncoding?: boolean;
    };
    return socket && chunkedEncoding && writableLength === socket.writableLength ? socket : undefined;
  }

  get #congested(): boolean {
    return (this.#socket ?? this.#response).writableNeedDrain;
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#onClose.forEach((callback) => callback());
    this.#onClose.clear();
  }
}

/** Every open stream: kept alive a few at a time, cut off when its reader stalls, ended when the service goes down. */
@Injectable()
export class SseStreams implements OnModuleInit, OnModuleDestroy {
  readonly #logger = new Logger('Streams');
  /** Streams by the tick of the keep-alive round in which it is their turn. */
  readonly #turns: Set<SseStream>[];
  #next = 0;
  #tick = 0;
  #timer: NodeJS.Timeout | undefined;
  #open = 0;
  #cut = 0;

  constructor(@Inject(ParleyConfig) private readonly config: ParleyConfig) {
    const turns = Math.max(1, Math.round(config.streamKeepaliveMs / TICK_MS));
    this.#turns = Array.from({ length: turns }, () => new Set());
  }

  onModuleInit(): void {
    this.#timer = setInterval(() => this.keepAlive(performance.now()), TICK_MS).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.#timer);
    this.endAll();
  }

  /** How many streams are open, and how many were cut off because their reader stalled. */
  get counts(): { open: number; cut: number } {
    return { open: this.#open, cut: this.#cut };
  }

  /**
   * @param keepAliveFrames empty for a stream that keeps itself alive
   * @throws ChatError `too_many_streams`, before anything is sent
   */
  open(exchange: HttpExchange, keepAliveFrames = ': keep-alive\n\n'): SseStream {
    const { streamsMax, streamBufferBytes } = this.config;
    if (streamsMax > 0 && this.#open >= streamsMax) {
      throw limitReached('too_many_streams', 'streams at this instance', streamsMax, 'Try again later.');
    }
    const stream = new SseStream(exchange, streamBufferBytes, keepAliveFrames);
    const turn = this.#turns[this.#next++ % this.#turns.length]!;
    turn.add(stream);
    this.#open++;
    // Whoever comes back with a fresh token goes on from its cursor.
    exchange.onGrantEnd((why) => (why === 'revoked' ? stream.revoke() : stream.end()));
    stream.onClose(() => {
      turn.delete(stream);
      this.#open--;
    });
    return stream;
  }

  endAll(): void {
    for (const turn of this.#turns) for (const stream of [...turn]) stream.end();
  }

  /** Serves the streams whose turn it is; runs every second by itself. `now` is milliseconds on any steady clock. */
  keepAlive(now: number): void {
    for (const stream of this.#turns[this.#tick++ % this.#turns.length]!) {
      if (stream.keepAlive(now, this.config.streamStallMs)) continue;
      this.#cut++;
      this.#logger.warn({ msg: 'slow reader cut off', cut_total: this.#cut });
      stream.destroy();
    }
  }
}
