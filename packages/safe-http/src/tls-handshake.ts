import type { Socket } from 'node:net';
import { connect as connectTls, type SecureContext, type TLSSocket } from 'node:tls';

export interface Handshake {
  readonly tcp: Socket;
  /** The name or address that the certificate must be for. */
  readonly host: string;
  readonly isAddress: boolean;
  readonly secureContext: SecureContext;
  /** Offered in this order; of none agreed on, HTTP/1.1 is spoken. */
  readonly protocols: readonly ('h2' | 'http/1.1')[];
}

/** Makes a TLS connection on a socket and verifies the certificate. `done` is called once. */
export function handshake(
  { tcp, host, isAddress, secureContext, protocols }: Handshake,
  done: (error: Error | undefined, socket: TLSSocket | undefined) => void,
): void {
  const name = host.endsWith('.') ? host.slice(0, -1) : host;
  const socket = connectTls({
    socket: tcp,
    host: name,
    // RFC 6066 forbids addresses as server names; the certificate is checked against `host`.
    servername: isAddress ? '' : name,
    secureContext,
    // Explicit, since NODE_TLS_REJECT_UNAUTHORIZED=0 turns the default off.
    rejectUnauthorized: true,
    ALPNProtocols: [...protocols],
  });
  let finished = false;
  socket.on('error', (error: Error) => {
    if (finished) return;
    finished = true;
    socket.destroy();
    tcp.destroy();
    done(error, undefined);
  });
  socket.once('secureConnect', () => {
    if (finished) return;
    finished = true;
    done(undefined, socket);
  });
}
