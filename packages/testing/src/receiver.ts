import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { type Behaviour, behave } from './receiver-behaviours.ts';
import type { ReceiverTls } from './receiver-tls.ts';

export type { Behaviour } from './receiver-behaviours.ts';
export {
  type ReceiverTls,
  testOnlyCertificateAuthority,
  testOnlyTls,
  testOnlyTlsExpired,
  testOnlyTlsOfAnotherHost,
  testOnlyTlsSelfSigned,
} from './receiver-tls.ts';

export interface ReceivedRequest {
  readonly method: string;
  /** Path and query as they came. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** Names and values in turn, in the case and order they came in. */
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
  readonly receivedAt: Date;
  /** Which of the receiver's connections it came on, from 1. */
  readonly connection: number;
}

/**
 * How requests are answered: all alike, one after another by a script (the last entry goes on), or
 * as a function says.
 */
export type Respond =
  | Behaviour
  | readonly Behaviour[]
  | ((request: ReceivedRequest) => Behaviour | Promise<Behaviour>);

export interface ReceiverOptions {
  /** Default: 200 with an empty body. */
  readonly respond?: Respond;
  /** Speaks https with this certificate. */
  readonly tls?: ReceiverTls;
  /** How many requests are kept; the oldest are forgotten. Default: 10,000. */
  readonly requestsMax?: number;
  /** Default: 127.0.0.1. */
  readonly host?: string;
  /** Default: a free one. */
  readonly port?: number;
}

export interface Receiver {
  /** Its root with a path: `http://127.0.0.1:<port>/webhooks`. */
  readonly url: string;
  readonly port: number;
  /** What is kept, oldest first. */
  readonly requests: readonly ReceivedRequest[];
  /** All that ever came, kept or not. */
  readonly received: () => number;
  /** Connections ever accepted, and those open now. */
  readonly connections: () => { readonly accepted: number; readonly open: number };
  /** Replaces how further requests are answered. */
  respondWith(respond: Respond): void;
  /** Resolves with what is kept once that many requests came in all. Rejects after `timeoutMs`. */
  waitFor(count: number, timeoutMs?: number): Promise<readonly ReceivedRequest[]>;
  /** Resolves with the first kept request that satisfies it, now or later. */
  waitFor(
    predicate: (request: ReceivedRequest) => boolean,
    timeoutMs?: number,
  ): Promise<ReceivedRequest>;
  /** Closes the connections that carry no request just now. */
  closeIdle(): void;
  /** Closes the port and every connection. */
  stop(): Promise<void>;
}

const waitForMs = 30_000;
const bodyBytesMax = 16 * 1024 * 1024;

/** Starts a receiver of webhooks on a free port of the loopback, answering as it is told to. */
export async function startReceiver(options: ReceiverOptions = {}): Promise<Receiver> {
  const { tls, requestsMax = 10_000, host = '127.0.0.1' } = options;
  const requests: ReceivedRequest[] = [];
  const watchers = new Set<() => void>();
  const sockets = new Map<Socket, number>();
  const handshaking = new Set<Socket>();
  let choose = chooser(options.respond ?? 200);
  let received = 0;
  let accepted = 0;

  async function onRequest(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(message);
    if (body === undefined) return;
    const request: ReceivedRequest = {
      method: message.method ?? '',
      path: message.url ?? '',
      headers: message.headers,
      rawHeaders: message.rawHeaders,
      body,
      receivedAt: new Date(),
      connection: sockets.get(message.socket) ?? 0,
    };
    received += 1;
    requests.push(request);
    if (requests.length > requestsMax) requests.shift();
    for (const watcher of [...watchers]) watcher();
    behave(await choose(request), response);
  }

  function waitUntil<T>(look: () => T | undefined, timeoutMs: number): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const timer = setTimeout(() => {
      watchers.delete(watcher);
      reject(new Error(`waited ${timeoutMs} ms for a request; ${received} came`));
    }, timeoutMs);
    const watcher = () => {
      const found = look();
      if (found === undefined) return;
      clearTimeout(timer);
      watchers.delete(watcher);
      resolve(found);
    };
    watchers.add(watcher);
    watcher();
    return promise;
  }

  function waitFor(count: number, timeoutMs?: number): Promise<readonly ReceivedRequest[]>;
  function waitFor(
    predicate: (request: ReceivedRequest) => boolean,
    timeoutMs?: number,
  ): Promise<ReceivedRequest>;
  function waitFor(
    wanted: number | ((request: ReceivedRequest) => boolean),
    timeoutMs = waitForMs,
  ): Promise<readonly ReceivedRequest[] | ReceivedRequest> {
    return typeof wanted === 'number'
      ? waitUntil(() => (received >= wanted ? [...requests] : undefined), timeoutMs)
      : waitUntil(() => requests.find(wanted), timeoutMs);
  }

  const handle = (message: IncomingMessage, response: ServerResponse) => {
    // A rejected choice is a mistake in the test; the connection says so by breaking.
    onRequest(message, response).catch(() => message.socket.destroy());
  };
  const server: Server =
    tls === undefined ? createServer(handle) : createTlsServer({ ...tls }, handle);
  server.keepAliveTimeout = 60_000;
  server.on(tls === undefined ? 'connection' : 'secureConnection', (socket: Socket) => {
    accepted += 1;
    sockets.set(socket, accepted);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
  });
  // A TLS server's: they may never get as far as a secure connection.
  server.on('connection', (socket: Socket) => {
    handshaking.add(socket);
    socket.once('close', () => handshaking.delete(socket));
  });
  const port = await listen(server, host, options.port);
  const authority = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  return {
    url: `${tls === undefined ? 'http' : 'https'}://${authority}/webhooks`,
    port,
    requests,
    received: () => received,
    connections: () => ({ accepted, open: sockets.size }),
    respondWith(respond) {
      choose = chooser(respond);
    },
    waitFor,
    closeIdle: () => server.closeIdleConnections(),
    async stop() {
      server.closeAllConnections();
      for (const socket of [...sockets.keys(), ...handshaking]) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export interface SilentReceiver {
  readonly port: number;
  readonly connections: () => { readonly accepted: number; readonly open: number };
  stop(): Promise<void>;
}

/** Accepts connections and never says a word: a TLS handshake with it hangs. */
export async function startSilentReceiver(host = '127.0.0.1'): Promise<SilentReceiver> {
  const sockets = new Set<Socket>();
  let accepted = 0;
  const server = createTcpServer((socket) => {
    accepted += 1;
    sockets.add(socket);
    // Read, or the end of the connection would go unnoticed.
    socket.resume();
    socket.on('error', () => socket.destroy());
    socket.once('close', () => sockets.delete(socket));
  });
  const port = await listen(server, host);
  return {
    port,
    connections: () => ({ accepted, open: sockets.size }),
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function chooser(respond: Respond): (request: ReceivedRequest) => Behaviour | Promise<Behaviour> {
  if (typeof respond === 'function') return respond;
  if (!isScript(respond)) return () => respond;
  let next = 0;
  return () => {
    const behaviour = respond[Math.min(next, respond.length - 1)] ?? 200;
    next += 1;
    return behaviour;
  };
}

function isScript(respond: Behaviour | readonly Behaviour[]): respond is readonly Behaviour[] {
  return Array.isArray(respond);
}

async function readBody(message: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of message) {
      bytes += chunk.length;
      if (bytes > bodyBytesMax) throw new Error('the request body is over 16 MiB');
      chunks.push(chunk);
    }
  } catch {
    message.socket.destroy();
    return undefined;
  }
  return Buffer.concat(chunks);
}

async function listen(
  server: ReturnType<typeof createTcpServer>,
  host: string,
  port = 0,
): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return (server.address() as AddressInfo).port;
}
