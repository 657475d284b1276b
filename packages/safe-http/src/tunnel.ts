import type { Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import { type ConnectTcp, connectFirst, type OpenSocket, openDirectly } from './connect-first.ts';
import { codeOf, describe } from './errors.ts';
import type { ForwardProxy } from './proxy.ts';
import type { Resolve } from './resolver.ts';
import { handshake } from './tls-handshake.ts';

export interface TunnelDeps {
  readonly proxy: ForwardProxy;
  readonly resolve: Resolve;
  readonly connect: ConnectTcp;
  readonly secureContext: () => SecureContext;
}

/** Why there is no tunnel; the message completes "could not be reached: …". */
export class ProxyError extends Error {
  override readonly name = 'ProxyError';
  readonly code: 'proxy_failed' | 'proxy_refused';

  constructor(code: ProxyError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

const answerBytesMax = 16 * 1024;

/**
 * Opens a connection to an address through the proxy (CONNECT, RFC 9110 section 9.3.6), for http as
 * for https. The proxy is told the address that was judged and never the name, so it has nothing to
 * resolve; and whatever it could read of a plain http request it sees as an outgoing byte stream.
 */
export function openTunnel(deps: TunnelDeps, address: string, port: number): OpenSocket {
  return (done) => {
    let giveUp = () => {};
    let finished = false;
    const finish = (error: Error | undefined, socket?: Socket) => {
      if (finished) return;
      finished = true;
      if (error !== undefined) giveUp();
      done(error, socket);
    };
    const connected = (socket: Socket) => {
      giveUp = () => socket.destroy();
      askForTunnel({ socket, to: authorityOf(address, port), proxy: deps.proxy }, finish);
    };
    addressesOf(deps).then(
      (addresses) => {
        if (finished) return;
        giveUp = connectToProxy(deps, addresses, (error, socket) => {
          if (socket === undefined) finish(unreachable(error));
          else connected(socket);
        });
      },
      (error) => finish(unreachable(error)),
    );
    return () => {
      finished = true;
      giveUp();
    };
  };
}

async function addressesOf({ proxy, resolve }: TunnelDeps): Promise<readonly string[]> {
  const addresses = proxy.isAddress ? [proxy.host] : await resolve(proxy.host);
  if (addresses.length === 0) throw Object.assign(new Error('no address'), { code: 'ENODATA' });
  return addresses;
}

/** Answers a function that gives it up. */
function connectToProxy(
  { proxy, connect, secureContext }: TunnelDeps,
  addresses: readonly string[],
  done: (error: Error | undefined, socket: Socket | undefined) => void,
): () => void {
  let abandoned = false;
  let giveUp = connectFirst({
    candidates: addresses.map((address) => ({ open: openDirectly(connect, address, proxy.port) })),
    done(error, won) {
      if (won === undefined || !proxy.secure) {
        done(error, won?.socket);
        return;
      }
      const { socket: tcp } = won;
      giveUp = () => tcp.destroy();
      const { host, isAddress } = proxy;
      const protocols = ['http/1.1'] as const;
      handshake({ tcp, host, isAddress, secureContext: secureContext(), protocols }, (...made) => {
        if (!abandoned) done(...made);
      });
    },
  });
  return () => {
    abandoned = true;
    giveUp();
  };
}

interface Ask {
  readonly socket: Socket;
  readonly to: string;
  readonly proxy: ForwardProxy;
}

/** Sends the CONNECT and reads its answer; what follows the answer is the tunnel's. */
function askForTunnel(
  { socket, to, proxy }: Ask,
  done: (error: Error | undefined, socket?: Socket) => void,
): void {
  let answer = Buffer.alloc(0);
  const stop = () => {
    socket.off('data', onData);
    socket.off('end', onEnd);
    socket.off('close', onEnd);
  };
  const onEnd = () => {
    stop();
    done(new ProxyError('proxy_failed', 'the forward proxy closed the connection'));
  };
  const onData = (chunk: Buffer) => {
    answer = Buffer.concat([answer, chunk]);
    const end = answer.indexOf('\r\n\r\n');
    if (end < 0 && answer.length <= answerBytesMax) return;
    stop();
    const error = refusalOf(answer.toString('latin1', 0, Math.max(end, 0)));
    if (error !== undefined) {
      done(error);
      return;
    }
    socket.pause();
    if (answer.length > end + 4) socket.unshift(answer.subarray(end + 4));
    done(undefined, socket);
  };
  socket.on('data', onData);
  socket.once('end', onEnd);
  socket.once('close', onEnd);
  const lines = [`CONNECT ${to} HTTP/1.1`, `Host: ${to}`];
  if (proxy.authorization !== undefined) lines.push(`Proxy-Authorization: ${proxy.authorization}`);
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
}

function refusalOf(head: string): ProxyError | undefined {
  const status = Number(/^HTTP\/1\.[01] (\d{3})\b/.exec(head)?.[1] ?? 0);
  if (status >= 200 && status < 300) return undefined;
  if (status === 0) return new ProxyError('proxy_failed', 'the forward proxy does not speak HTTP');
  if (status === 407) {
    const mend = 'the operator must set user and password in HOOKLINE_HTTP_PROXY';
    return new ProxyError('proxy_refused', `the forward proxy answered 407: ${mend}`);
  }
  return new ProxyError('proxy_refused', `the forward proxy answered ${status}`);
}

function unreachable(error: unknown): ProxyError {
  const why = describe(codeOf(error));
  return new ProxyError('proxy_failed', `the forward proxy cannot be used: ${why}`);
}

function authorityOf(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
