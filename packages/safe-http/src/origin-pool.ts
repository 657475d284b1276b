import { Connection } from './connection.ts';
import { type Dial, type DialDeps, type DialResult, dial } from './dial.ts';
import type { Exchange, ExchangeCarrier } from './exchange.ts';
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

/**
 * The connections of one origin and the requests that wait for one. Each waiting request has a
 * connection being made for it while the bound allows; it takes whichever is free first.
 */
export class OriginPool implements ExchangeCarrier {
  readonly #options: OriginPoolOptions;
  readonly #free: Connection[] = [];
  readonly #open = new Set<Connection>();
  readonly #dials = new Set<Dial>();
  /** In the order they came; a Set, since a deadline takes one out of the middle. */
  readonly #waiting = new Set<Exchange>();
  /** Connections between a whole response and being free: they need no other made beside them. */
  #finishing = 0;
  #closing = false;

  constructor(options: OriginPoolOptions) {
    this.#options = options;
  }

  submit(exchange: Exchange): void {
    const connection = this.#takeFree();
    if (connection !== undefined) {
      connection.run(exchange);
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
    for (const connection of [...this.#free]) this.evict(connection);
    this.#forgetIfEmpty();
  }

  /** Closes everything; requests under way fail. */
  destroy(): void {
    this.#cancelDials();
    for (const connection of [...this.#open]) connection.destroy();
  }

  /** Closes a free connection. */
  evict(connection: Connection): void {
    const at = this.#free.indexOf(connection);
    if (at >= 0) this.#free.splice(at, 1);
    connection.destroy();
  }

  #takeFree(): Connection | undefined {
    // The one used last is the least likely to have been closed by its server.
    const connection = this.#free.pop();
    if (connection !== undefined) this.#options.idle.delete(connection);
    return connection;
  }

  #dialForWaiting(): void {
    const { connectionsPerOriginMax } = this.#options.limits;
    while (
      this.#dials.size + this.#finishing < this.#waiting.size &&
      this.#open.size + this.#dials.size < connectionsPerOriginMax
    ) {
      this.#startDial();
    }
  }

  #startDial(): void {
    const { target, dial: deps, limits } = this.#options;
    const timer = setTimeout(() => {
      const phase = attempt.phase();
      attempt.cancel();
      this.#dials.delete(attempt);
      this.#expireOne(phase);
    }, limits.dialTimeoutMs);
    const making = dial(target, deps, (result) => {
      clearTimeout(timer);
      this.#dials.delete(attempt);
      this.#dialled(result);
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
      const { target, limits } = this.#options;
      const connection = new Connection({
        origin: target.origin,
        socket: result.socket,
        remoteAddress: result.remoteAddress,
        idleMs: limits.idleMs,
        onFree: (free) => this.#onFree(free),
        onLost: (lost) => this.#onLost(lost),
      });
      this.#open.add(connection);
      this.#onFree(connection);
    }
    this.#dialForWaiting();
    this.#forgetIfEmpty();
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
    const [exchange] = this.#waiting;
    const age = performance.now() - connection.openedAt;
    if (connection.used && age > this.#options.limits.connectionAgeMsMax) {
      connection.destroy();
    } else if (exchange !== undefined) {
      this.#waiting.delete(exchange);
      connection.run(exchange);
    } else if (this.#closing) {
      connection.destroy();
    } else {
      this.#free.push(connection);
      this.#options.idle.add(connection, this);
    }
  }

  #onLost(connection: Connection): void {
    this.#finished(connection);
    this.#open.delete(connection);
    this.#options.idle.delete(connection);
    const at = this.#free.indexOf(connection);
    if (at >= 0) this.#free.splice(at, 1);
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
