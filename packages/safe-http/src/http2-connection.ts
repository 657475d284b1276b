import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  constants,
  type Settings,
} from 'node:http2';
import type { Connection, Http2ConnectionOptions } from './connection.ts';
import type { Exchange } from './exchange.ts';
import { runOnStream, type StreamEnd } from './http2-stream.ts';

/** Requests at once on one connection, however many the receiver would take. */
const streamsMax = 100;
/** How long a receiver has to answer the question whether it is still there. */
const probeMs = 5_000;

/**
 * One validated socket with HTTP/2 on it. A request is a stream: what becomes of it, its deadline
 * included, is nothing to the others. Node's own client is used rather than undici's, which connects
 * and sends again by itself: who sends again decides what is on record as sent.
 */
export class Http2Connection implements Connection {
  readonly remoteAddress: string;
  readonly openedAt = performance.now();
  readonly multiplexed = true;
  used = false;
  finishing = false;
  listed = false;
  readonly #options: Http2ConnectionOptions;
  readonly #session: ClientHttp2Session;
  readonly #streams = new Set<ClientHttp2Stream>();
  #limit: number;
  #heardAt = performance.now();
  #probing = false;
  #leaving = false;
  #lost = false;
  #error: Error | undefined;
  #idle: NodeJS.Timeout | undefined;

  constructor(options: Http2ConnectionOptions) {
    const { session } = options;
    this.#options = options;
    this.#session = session;
    this.remoteAddress = options.remoteAddress;
    this.#limit = limitOf(session.remoteSettings);
    session.on('remoteSettings', (settings) => {
      this.#limit = limitOf(settings);
      this.#options.onFree(this);
    });
    // Graceful or not, no further request goes here; Node ends the session when its streams are done.
    session.on('goaway', () => {
      this.#leaving = true;
    });
    session.on('error', (error: Error) => {
      this.#error = error;
    });
    session.once('close', () => this.#onClose());
    this.#rest();
  }

  room(): number {
    const isClosed = this.#lost || this.#session.closed || this.#session.destroyed;
    if (isClosed || this.#leaving || this.#probing) return 0;
    return Math.max(0, this.#limit - this.#streams.size);
  }

  running(): number {
    return this.#streams.size;
  }

  run(exchange: Exchange): void {
    clearTimeout(this.#idle);
    this.#session.ref();
    this.used = true;
    exchange.connection = this;
    const startedAt = performance.now();
    const stream = runOnStream({
      exchange,
      session: this.#session,
      authority: new URL(this.#options.origin).host,
      onHeard: () => {
        this.#heardAt = performance.now();
      },
      onGivenUp: () => {
        if (this.#heardAt < startedAt) this.#probe();
      },
      sessionError: () => this.#error,
      onEnd: (ended, how) => this.#onStreamEnd(ended, how),
    });
    if (stream !== undefined) this.#streams.add(stream);
    else if (this.#streams.size === 0) this.#rest();
  }

  destroy(): void {
    this.#session.destroy();
    this.#options.socket.destroy();
    this.#onClose();
  }

  #onStreamEnd(stream: ClientHttp2Stream, { code, http1Required }: StreamEnd): void {
    this.#streams.delete(stream);
    if (this.#lost) return;
    if (http1Required) {
      this.#leaving = true;
      this.#options.onHttp1Required();
    }
    // It takes fewer at once than it said, or has had enough for now.
    if (code === constants.NGHTTP2_REFUSED_STREAM) this.#limit = Math.max(1, this.#streams.size);
    if (this.#streams.size === 0) this.#rest();
    this.#options.onFree(this);
  }

  /** A receiver that said nothing all the while may be gone: until it answers, none is sent there. */
  #probe(): void {
    if (this.#probing || this.#session.destroyed) return;
    this.#probing = true;
    const timer = setTimeout(() => this.destroy(), probeMs);
    timer.unref();
    const asked = this.#session.ping((error) => {
      clearTimeout(timer);
      if (error !== null) return;
      this.#probing = false;
      this.#heardAt = performance.now();
      this.#options.onFree(this);
    });
    if (!asked) clearTimeout(timer);
  }

  /** Waits for a request, for a while, and keeps no process alive by that. */
  #rest(): void {
    if (this.#session.destroyed) return;
    this.#session.unref();
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.destroy(), this.#options.idleMs);
    this.#idle.unref();
  }

  #onClose(): void {
    if (this.#lost) return;
    this.#lost = true;
    clearTimeout(this.#idle);
    this.#options.socket.destroy();
    this.#options.onLost(this);
  }
}

function limitOf({ maxConcurrentStreams }: Settings): number {
  return Math.min(maxConcurrentStreams ?? streamsMax, streamsMax);
}
