import { Client } from 'undici';
import type { Connection, ConnectionOptions } from './connection.ts';
import type { Exchange } from './exchange.ts';

/**
 * One validated socket and the undici client that speaks HTTP/1.1 on it, one request at a time.
 * The client never connects by itself: when the socket is gone, so is the connection.
 */
export class Http1Connection implements Connection {
  readonly remoteAddress: string;
  readonly openedAt = performance.now();
  readonly #options: ConnectionOptions;
  readonly #client: Client;
  readonly multiplexed = false;
  finishing = false;
  listed = false;
  #busy = false;
  #lost = false;
  #fresh = true;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.remoteAddress = options.remoteAddress;
    this.#client = this.#createClient();
    const { socket, idleMs } = options;
    // Until its first request undici does not watch the socket. A server has nothing to say yet.
    socket.once('close', this.#onClose);
    socket.on('data', this.#discard);
    socket.setTimeout(idleMs, this.#discard);
    socket.unref();
  }

  get used(): boolean {
    return !this.#fresh;
  }

  room(): number {
    return this.#busy || this.#lost ? 0 : 1;
  }

  running(): number {
    return this.#busy ? 1 : 0;
  }

  run(exchange: Exchange): void {
    if (this.#fresh) this.#handOver();
    const { request, path } = exchange.options;
    this.#busy = true;
    exchange.connection = this;
    this.#client.dispatch(
      {
        path,
        method: request.method,
        headers: request.headers,
        body: request.body ?? null,
      },
      exchange,
    );
    // Refused by undici before it was queued: nothing happened on the socket and no event follows.
    if (exchange.settled && !exchange.started) this.#free();
  }

  destroy(): void {
    this.#options.socket.destroy();
    this.#onClose();
  }

  #createClient(): Client {
    let given = false;
    const { origin, socket, idleMs } = this.#options;
    const client = new Client(origin, {
      allowH2: false,
      pipelining: 1,
      // The exchange's deadline covers both.
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: idleMs,
      keepAliveMaxTimeout: idleMs,
      keepAliveTimeoutThreshold: 1_000,
      maxHeaderSize: 16 * 1024,
      connect: (_options, callback) => {
        if (given) {
          callback(new Error('the connection is closed'), null as never);
          return;
        }
        given = true;
        // Undici ignores a callback that comes while it is still asking.
        queueMicrotask(() => callback(null, socket));
      },
    });
    client.on('drain', () => {
      if (!this.#lost && !socket.destroyed) this.#free();
    });
    client.on('disconnect', this.#onClose);
    client.on('connectionError', this.#onClose);
    return client;
  }

  #free(): void {
    this.#busy = false;
    this.#options.onFree(this);
  }

  #handOver(): void {
    this.#fresh = false;
    const { socket } = this.#options;
    socket.off('data', this.#discard);
    socket.off('timeout', this.#discard);
    socket.off('close', this.#onClose);
    socket.setTimeout(0);
    socket.pause();
    socket.ref();
  }

  readonly #discard = (): void => {
    this.#options.socket.destroy();
  };

  readonly #onClose = (): void => {
    if (this.#lost) return;
    this.#lost = true;
    // Requests that undici holds and has not written come back by their onResponseError.
    void this.#client.destroy();
    this.#options.onLost(this);
  };
}
