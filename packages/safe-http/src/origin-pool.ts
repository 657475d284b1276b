import type { Connection } from './connection.ts';
import { type Dial, type DialDeps, type DialResult, dial } from './dial.ts';
import type { Exchange, ExchangeCarrier } from './exchange.ts';
import { Http1Connection } from './http1-connection.ts';
import { Http2Connection } from './http2-connection.ts';
import type { IdleConnections } from './idle-connections.ts';
import type { DialFailure, RequestPhase } from './outcome.ts';
import type { Target } from './url-rules.ts';

export interface PoolLimits {
  readonly connectionsPerOriginMax: number;
  readonly waitingPerOriginMax: number;
  readonly idleMs: number;
  readonly dialTimeoutMs: number;
  readonly connectionAgeMsMax: number;
}

export interface OriginPoolOptions {
  readonly target: Target;
  readonly dial: DialDeps;
  readonly limits: PoolLimits;
  readonly idle: IdleConnections;
  /** Nothing is open, being opened or waiting: the pool can be forgotten. */
  readonly onEmpty: () => void;
}

/** Connections made at once to an https origin that may turn out to speak HTTP/2: one may do for all. */
const probingDialsMax = 4;

/**
 * The connections of one origin and the requests that wait for one. Each waiting request has a
 * connection being made for it while the bound allows; it takes whichever has room first. Over
 * HTTP/2 one is made at a time, when those that stand are full.
 */
export class OriginPool implements ExchangeCarrier {
  readonly #options: OriginPoolOptions;
  /** Those with room, the one used last at the end. */
  readonly #free: Connection[] = [];
  readonly #open = new Set<Connection>();
  readonly #dials = new Set<Dial>();
  /** In the order they came; a Set, since a deadline takes one out of the middle. */
  readonly #waiting = new Set<Exchange>();
  /** Connections between a whole response and being free: they need no other made beside them. */
  #finishing = 0;
  /** What connections to it speak, since one stood. */
  #protocol: 'http1' | 'http2' | undefined;
  #http1Only = false;
  #closing = false;

  constructor(options: OriginPoolOptions) {
    this.#options = options;
  }

  submit(exchange: Exchange): void {
    const connection = this.#withRoom();
    if (connection !== undefined) {
      this.#start(connection, exchange);
      return;
    }
    if (this.#waiting.size >= this.#options.limits.waitingPerOriginMax) {
      const { host } = exchange.options;
      const error = `${this.#waiting.size} requests already wait for a connection to ${host}.`;
      exchange.settle({ kind: 'overloaded', error });
      return;
    }
    this.#waiting.add(exchange);
    this.#dialForWaiting();
  }

  resubmit(exchange: Exchange): void {
    this.submit(exchange);
  }

  finishing(connection: Connection): void {
    if (connection.multiplexed) return;
    connection.finishing = true;
    this.#finishing += 1;
  }

  withdraw(exchange: Exchange): RequestPhase {
    const [dialling] = this.#dials;
    const phase = dialling?.phase() ?? 'queue';
    // With nobody left to want them, connections being made would only hold sockets.
    if (this.#waiting.delete(exchange) && this.#waiting.size === 0) this.#cancelDials();
    return phase;
  }

  /** Closes what is free now, and the rest as it becomes free. */
  close(): void {
    this.#closing = true;
    for (const connection of [...this.#free]) {
      if (connection.running() === 0) this.evict(connection);
    }
    this.#forgetIfEmpty();
  }

  /** Closes everything; requests under way fail. */
  destroy(): void {
    this.#cancelDials();
    for (const connection of [...this.#open]) connection.destroy();
  }

  /** Closes a connection that carries nothing. */
  evict(connection: Connection): void {
    this.#unlist(connection);
    connection.destroy();
  }

  /** The one used last is the least likely to have been closed by its server. */
  #withRoom(): Connection | undefined {
    if (this.#isFull()) return undefined;
    for (;;) {
      const connection = this.#free.at(-1);
      if (connection === undefined) return undefined;
      // Its receiver may have taken back its word since it was listed.
      if (connection.room() > 0 && !this.#isTooOld(connection)) return connection;
      this.#retire(connection);
    }
  }

  /** Whether as many requests are under way as are allowed. Over HTTP/1.1 connections are counted. */
  #isFull(): boolean {
    if (this.#protocol !== 'http2') return false;
    let running = 0;
    for (const connection of this.#open) running += connection.running();
    return running >= this.#options.limits.connectionsPerOriginMax;
  }

  #start(connection: Connection, exchange: Exchange): void {
    this.#unlist(connection);
    connection.run(exchange);
    if (connection.room() > 0) this.#list(connection);
  }

  #list(connection: Connection): void {
    if (!connection.listed) this.#free.push(connection);
    connection.listed = true;
    if (connection.running() === 0) this.#options.idle.add(connection, this);
  }

  #unlist(connection: Connection): void {
    this.#options.idle.delete(connection);
    if (!connection.listed) return;
    connection.listed = false;
    this.#free.splice(this.#free.lastIndexOf(connection), 1);
  }

  #dialForWaiting(): void {
    const { connectionsPerOriginMax } = this.#options.limits;
    while (
      this.#dials.size + this.#finishing < this.#waiting.size &&
      this.#open.size + this.#dials.size < connectionsPerOriginMax &&
      this.#dials.size < this.#dialsMax()
    ) {
      this.#startDial();
    }
  }

  #dialsMax(): number {
    if (this.#protocol === 'http2') return this.#isFull() ? 0 : 1;
    const isKnown = this.#protocol === 'http1' || this.#http1Only || !this.#options.target.secure;
    return isKnown ? Number.POSITIVE_INFINITY : probingDialsMax;
  }

  #startDial(): void {
    const { target, dial: deps, limits } = this.#options;
    const timer = setTimeout(() => {
      const phase = attempt.phase();
      attempt.cancel();
      this.#dials.delete(attempt);
      this.#expireOne(phase);
    }, limits.dialTimeoutMs);
    const making = dial({
      target,
      http1Only: this.#http1Only,
      deps,
      done: (result) => {
        clearTimeout(timer);
        this.#dials.delete(attempt);
        this.#dialled(result);
      },
    });
    const attempt: Dial = {
      phase: making.phase,
      cancel() {
        clearTimeout(timer);
        making.cancel();
      },
    };
    this.#dials.add(attempt);
  }

  #dialled(result: DialResult): void {
    if (!result.ok) {
      this.#failWaiting(result.failure);
    } else {
      const connection = this.#connect(result);
      this.#protocol = connection.multiplexed ? 'http2' : 'http1';
      this.#open.add(connection);
      this.#onFree(connection);
      if (connection.multiplexed && this.#waiting.size === 0) this.#cancelDials();
    }
    this.#dialForWaiting();
    this.#forgetIfEmpty();
  }

  #connect({ socket, remoteAddress, session }: DialResult & { readonly ok: true }): Connection {
    const { target, limits } = this.#options;
    const options = {
      origin: target.origin,
      socket,
      remoteAddress,
      idleMs: limits.idleMs,
      onFree: (free: Connection) => this.#onFree(free),
      onLost: (lost: Connection) => this.#onLost(lost),
    };
    if (session === undefined) return new Http1Connection(options);
    const onHttp1Required = () => {
      this.#http1Only = true;
      this.#protocol = undefined;
    };
    return new Http2Connection({ ...options, session, onHttp1Required });
  }

  /** A failed connection fails one request; a name that cannot be used fails all that wait for it. */
  #failWaiting(failure: DialFailure): void {
    const all = failure.kind === 'refused' || failure.kind === 'dns_failed';
    for (const exchange of [...this.#waiting].slice(0, all ? undefined : 1)) {
      this.#waiting.delete(exchange);
      exchange.settle(failure);
    }
  }

  #expireOne(phase: RequestPhase): void {
    const [exchange] = this.#waiting;
    if (exchange !== undefined) {
      this.#waiting.delete(exchange);
      const { host } = this.#options.target;
      const seconds = this.#options.limits.dialTimeoutMs / 1000;
      const error = `No connection to ${host} was made within ${seconds} s.`;
      exchange.settle({ kind: 'timeout', phase, error, requestSent: false });
    }
    this.#dialForWaiting();
    this.#forgetIfEmpty();
  }

  #onFree(connection: Connection): void {
    this.#finished(connection);
    if (this.#isTooOld(connection)) this.#retire(connection);
    else this.#serveWaiting(connection);
    if (connection.multiplexed) this.#dialForWaiting();
  }

  #serveWaiting(connection: Connection): void {
    for (const exchange of this.#waiting) {
      if (connection.room() === 0 || this.#isFull()) break;
      this.#waiting.delete(exchange);
      this.#start(connection, exchange);
    }
    if (this.#closing && connection.running() === 0) connection.destroy();
    else if (connection.room() > 0) this.#list(connection);
  }

  /** Gives it no further request for now, or for good, in which case it ends when it carries nothing. */
  #retire(connection: Connection): void {
    this.#unlist(connection);
    if (connection.running() === 0 && this.#isTooOld(connection)) connection.destroy();
  }

  #isTooOld(connection: Connection): boolean {
    const age = performance.now() - connection.openedAt;
    return connection.used && age > this.#options.limits.connectionAgeMsMax;
  }

  #onLost(connection: Connection): void {
    this.#finished(connection);
    this.#open.delete(connection);
    this.#unlist(connection);
    this.#dialForWaiting();
    this.#forgetIfEmpty();
  }

  #finished(connection: Connection): void {
    if (!connection.finishing) return;
    connection.finishing = false;
    this.#finishing -= 1;
  }

  #cancelDials(): void {
    for (const attempt of this.#dials) attempt.cancel();
    this.#dials.clear();
    this.#forgetIfEmpty();
  }

  #forgetIfEmpty(): void {
    if (this.#open.size + this.#dials.size + this.#waiting.size === 0) this.#options.onEmpty();
  }
}
