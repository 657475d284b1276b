import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import {
  type Behaviour,
  type Http2Behaviour,
  type ReceiverTls,
  startHttp2Receiver,
  startReceiver,
  startSilentReceiver,
  testOnlyTls,
} from '@hookline/testing';

/** A receiver that misbehaves in one way. */
export interface Misbehaving {
  readonly url: string;
  /** How many requests it has seen whole. */
  readonly received: () => number;
  stop(): Promise<void>;
}

export type StartReceiver = () => Promise<Misbehaving>;

/** Answers each request so. */
export function answers(
  respond: Behaviour | readonly Behaviour[],
  tls?: ReceiverTls,
): StartReceiver {
  return () => startReceiver({ respond, ...(tls !== undefined && { tls }) });
}

/** Answers with these bytes over HTTP/1.1. */
export function answersRaw(bytes: string): StartReceiver {
  return answers({ kind: 'raw', bytes });
}

/** Answers over HTTP/2. */
export function answersHttp2(behaviour: Http2Behaviour): StartReceiver {
  return async () => {
    const receiver = await startHttp2Receiver({ tls: testOnlyTls, respond: () => behaviour });
    const { url, requests, stop } = receiver;
    return { url, received: () => requests.length, stop };
  };
}

/** A receiver at another URL than its own: the port stays. */
export function at(url: (port: number) => string, start: StartReceiver): StartReceiver {
  return async () => {
    const receiver = await start();
    return { ...receiver, url: url(Number(new URL(receiver.url).port)) };
  };
}

/** No receiver at all. */
export function nobodyAt(url: string): StartReceiver {
  return async () => ({ url, received: () => 0, stop: async () => {} });
}

/** A port where nobody listens any more. */
export const closedPort: StartReceiver = async () => {
  const gone = await startReceiver();
  await gone.stop();
  return { url: gone.url, received: () => 0, stop: async () => {} };
};

/** Takes connections and never says a word, not even in a TLS handshake. */
export const silent: StartReceiver = async () => {
  const receiver = await startSilentReceiver();
  const { port, stop } = receiver;
  return { url: `https://127.0.0.1:${port}/`, received: () => 0, stop };
};

/** Takes connections and closes them at once, before the request. */
export const closesAtOnce: StartReceiver = () =>
  startServer(createServer, 'http', (socket) => socket.destroy());

/** Speaks TLS of a version that is no longer spoken. */
export const oldTls: StartReceiver = () =>
  startServer(
    (onConnection) =>
      createTlsServer(
        {
          ...testOnlyTls,
          minVersion: 'TLSv1',
          maxVersion: 'TLSv1.1',
          ciphers: 'DEFAULT@SECLEVEL=0',
        },
        onConnection,
      ),
    'https',
    (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'),
  );

async function startServer(
  create: (onConnection: (socket: Socket) => void) => Server,
  scheme: 'http' | 'https',
  onConnection: (socket: Socket) => void,
): Promise<Misbehaving> {
  const sockets = new Set<Socket>();
  const server = create((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => sockets.delete(socket));
    onConnection(socket);
  });
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${scheme}://127.0.0.1:${port}/`,
    received: () => 0,
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
