import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/**
 * What a receiver does with a request; a number is that status with an empty body. Everything but
 * `respond` and `redirect` is what receivers do when they are broken or mean harm.
 */
export type Behaviour =
  | number
  | {
      readonly kind: 'respond';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string | string[]>>;
      readonly body?: string | Uint8Array;
      /** Waits before it answers: a slow receiver. */
      readonly afterMs?: number;
    }
  | { readonly kind: 'redirect'; readonly to: string; readonly status?: number }
  /** Never answers. */
  | { readonly kind: 'hang' }
  /** Sends status, headers and the beginning of a body, then nothing more. */
  | { readonly kind: 'hang_in_body'; readonly status?: number; readonly body?: string }
  | { readonly kind: 'endless_headers' }
  /** As fast as the client reads. */
  | { readonly kind: 'endless_body' }
  /** A byte now and then: always alive, never done. */
  | { readonly kind: 'drip'; readonly part: 'headers' | 'body'; readonly everyMs: number }
  | {
      readonly kind: 'big_body';
      readonly bytes: number;
      readonly status?: number;
      /** Announces the size (content-length) instead of chunks. Default: false. */
      readonly announced?: boolean;
    }
  /** Resets the connection (RST; over TLS it is dropped without a goodbye) or closes it (FIN). */
  | {
      readonly kind: 'reset' | 'close';
      readonly when: 'before_headers' | 'in_headers' | 'in_body';
    }
  /** These bytes instead of a response. The connection stays open and answers nothing further. */
  | { readonly kind: 'raw'; readonly bytes: string };

const filler = 'x'.repeat(16 * 1024);

/** Does it. Whatever goes on by itself ends with the connection. */
export function behave(behaviour: Behaviour, response: ServerResponse): void {
  const socket = response.socket;
  // The client may have gone while the answer was being thought about.
  if (socket === null || socket.destroyed) return;
  if (typeof behaviour === 'number') {
    respond(response, { kind: 'respond', status: behaviour });
    return;
  }
  switch (behaviour.kind) {
    case 'respond':
      respond(response, behaviour);
      return;
    case 'redirect':
      response.writeHead(behaviour.status ?? 302, { location: behaviour.to }).end();
      return;
    case 'hang':
      return;
    case 'hang_in_body':
      response.writeHead(behaviour.status ?? 200);
      response.write(behaviour.body ?? 'part');
      return;
    case 'big_body':
      sendBigBody(response, behaviour);
      return;
    case 'reset':
    case 'close':
      breakOff(socket, behaviour.kind, behaviour.when);
      return;
    default:
      sendRaw(socket, behaviour);
  }
}

function respond(
  response: ServerResponse,
  { status, headers = {}, body, afterMs = 0 }: Extract<Behaviour, { kind: 'respond' }>,
): void {
  const answer = () => response.writeHead(status, { ...headers }).end(body);
  if (afterMs === 0) answer();
  else untilClosed(response.socket, setTimeout(answer, afterMs));
}

function sendBigBody(
  response: ServerResponse,
  { bytes, status = 200, announced = false }: Extract<Behaviour, { kind: 'big_body' }>,
): void {
  response.writeHead(status, announced ? { 'content-length': bytes } : {});
  for (let left = bytes; left > 0; left -= filler.length) response.write(filler.slice(0, left));
  response.end();
}

function breakOff(
  socket: Socket,
  how: 'reset' | 'close',
  when: 'before_headers' | 'in_headers' | 'in_body',
): void {
  const end = () => {
    if (how === 'close') socket.end();
    // Node can reset plain TCP sockets only.
    else if (socket.destroyed || 'encrypted' in socket) socket.destroy();
    else socket.resetAndDestroy();
  };
  const head = 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n';
  if (when === 'before_headers') end();
  else socket.write(when === 'in_headers' ? head : `${head}\r\nbegun`, () => end());
}

function sendRaw(
  socket: Socket,
  behaviour: Extract<Behaviour, { kind: 'raw' | 'endless_headers' | 'endless_body' | 'drip' }>,
): void {
  const bodyHead = 'HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n';
  switch (behaviour.kind) {
    case 'raw':
      socket.write(behaviour.bytes);
      return;
    case 'endless_headers':
      socket.write('HTTP/1.1 200 OK\r\n');
      pump(socket, `X-Filler: ${'x'.repeat(1000)}\r\n`);
      return;
    case 'endless_body':
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
      pump(socket, `${filler.length.toString(16)}\r\n${filler}\r\n`);
      return;
    case 'drip':
      socket.write(behaviour.part === 'headers' ? 'HTTP/1.1 200 OK\r\nX-Drip: ' : bodyHead);
      untilClosed(
        socket,
        setInterval(() => socket.write('x'), behaviour.everyMs),
      );
  }
}

/** Writes the same bytes for ever, at the reader's pace. */
function pump(socket: Socket, bytes: string): void {
  const more = () => {
    while (!socket.destroyed && socket.write(bytes));
  };
  socket.on('drain', more);
  more();
}

function untilClosed(socket: Socket | null, timer: NodeJS.Timeout): void {
  socket?.once('close', () => clearInterval(timer));
}
