import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { ReceiverTls } from './receiver-tls.ts';

/** How the proxy answers a CONNECT: with a tunnel to a port of this machine, or otherwise. */
export type ProxyAnswer =
  | { readonly kind: 'tunnel'; readonly port: number }
  /** A status instead of a tunnel. */
  | { readonly kind: 'status'; readonly status: number }
  /** These bytes, whatever they are. */
  | { readonly kind: 'raw'; readonly bytes: string }
  /** Closes the connection. */
  | { readonly kind: 'close' }
  /** Never answers. */
  | { readonly kind: 'hang' };

export interface ProxyRequest {
  /** Host and port as the CONNECT names them. */
  readonly to: string;
  readonly authorization: string | undefined;
}

export interface TestProxy {
  readonly port: number;
  readonly url: string;
  /** Every CONNECT, in the order they came. */
  readonly requests: readonly ProxyRequest[];
  /** Connections ever accepted. */
  readonly accepted: () => number;
  answerWith(answer: ProxyAnswer): void;
  stop(): Promise<void>;
}

export interface TestProxyOptions {
  readonly answer: ProxyAnswer;
  /** Is spoken to over TLS. */
  readonly tls?: ReceiverTls;
}

/**
 * Starts a forward proxy on a free port of the loopback. Where its tunnels lead is the test's to
 * say, so that it can stand for a way to addresses which no test may reach.
 */
export async function startTestProxy(options: TestProxyOptions): Promise<TestProxy> {
  const requests: ProxyRequest[] = [];
  const sockets = new Set<Socket>();
  let answer = options.answer;
  let accepted = 0;

  function onConnection(socket: Socket): void {
    accepted += 1;
    keep(socket);
    let head = '';
    const onData = (chunk: Buffer) => {
      head += chunk.toString('latin1');
      if (!head.includes('\r\n\r\n')) return;
      socket.off('data', onData);
      const to = /^CONNECT (\S+) HTTP\/1\.1\r\n/.exec(head)?.[1] ?? `no CONNECT: ${head}`;
      const authorization = /^proxy-authorization: (.*)$/im.exec(head)?.[1];
      requests.push({ to, authorization });
      give(socket);
    };
    socket.on('data', onData);
  }

  function give(socket: Socket): void {
    switch (answer.kind) {
      case 'tunnel':
        tunnel(socket, answer.port);
        return;
      case 'status':
        socket.end(`HTTP/1.1 ${answer.status} No\r\ncontent-length: 0\r\n\r\n`);
        return;
      case 'raw':
        socket.write(answer.bytes);
        return;
      case 'close':
        socket.end();
        return;
      case 'hang':
    }
  }

  function tunnel(socket: Socket, port: number): void {
    const onward = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\nvia: test\r\n\r\n');
      socket.pipe(onward).pipe(socket);
    });
    keep(onward);
    onward.once('close', () => socket.destroy());
    socket.once('close', () => onward.destroy());
  }

  function keep(socket: Socket): void {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => sockets.delete(socket));
  }

  const { tls } = options;
  const server =
    tls === undefined ? createServer(onConnection) : createTlsServer(tls, onConnection);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    requests,
    accepted: () => accepted,
    answerWith(given) {
      answer = given;
    },
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
