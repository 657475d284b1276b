import type { ClientHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import type { Exchange } from './exchange.ts';

/** What carries the requests of one origin: a validated socket with HTTP/1.1 or HTTP/2 on it. */
export interface Connection {
  /** The address judged, also where a forward proxy stands between. */
  readonly remoteAddress: string;
  /** By performance.now(). */
  readonly openedAt: number;
  /** Whether it can carry several requests at once. */
  readonly multiplexed: boolean;
  /** Whether it has carried a request. */
  readonly used: boolean;
  /** A whole response has come and the connection is about to be free; the pool's own note. */
  finishing: boolean;
  /** Whether the pool counts it among those with room; the pool's own note. */
  listed: boolean;
  /** How many more requests it can take now. */
  room(): number;
  /** How many requests are under way on it. */
  running(): number;
  run(exchange: Exchange): void;
  /** Closes the socket at once; requests on it fail. */
  destroy(): void;
}

export interface ConnectionOptions {
  readonly origin: string;
  readonly socket: Socket;
  readonly remoteAddress: string;
  /** Closes a connection that carries nothing for so long. */
  readonly idleMs: number;
  /** The connection can carry a further request. */
  readonly onFree: (connection: Connection) => void;
  /** The socket is closed; called once. */
  readonly onLost: (connection: Connection) => void;
}

export interface Http2ConnectionOptions extends ConnectionOptions {
  /** Stands on the socket, and the receiver's settings have come. */
  readonly session: ClientHttp2Session;
  /** The receiver wants HTTP/1.1 for a request: further connections shall not offer HTTP/2. */
  readonly onHttp1Required: () => void;
}
