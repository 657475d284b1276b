import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2';
import type { Socket } from 'node:net';

/**
 * As for HTTP/1.1: longer response headers end the request. Up to 64 KiB are read to
 * know it; what is longer still Node resets, which looks as if the receiver had done so.
 */
export const headerBytesMax = 16 * 1024;

export interface OpenSession {
  readonly origin: string;
  /** A TLS socket on which HTTP/2 was agreed. */
  readonly socket: Socket;
  /** Called once unless cancelled before, never synchronously. */
  readonly done: (error: Error | undefined, session: ClientHttp2Session | undefined) => void;
}

/**
 * Begins HTTP/2 on a socket, and answers when the receiver's settings have come: they are its first
 * word (RFC 9113 section 3.4), and only they say how many requests it takes at once. More than that
 * would wait in here behind one that hangs. The answer gives it up.
 */
export function openSession({ origin, socket, done }: OpenSession): () => void {
  const session = connectHttp2(origin, {
    createConnection: () => socket,
    settings: { enablePush: false },
  });
  let finished = false;
  const finish = (error: Error | undefined) => {
    if (finished) return;
    finished = true;
    if (error === undefined) {
      done(undefined, session);
      return;
    }
    session.destroy();
    socket.destroy();
    done(error, undefined);
  };
  // It stays for the session's life, so that no late error of it is ever an uncaught one.
  session.on('error', finish);
  session.once('close', () => finish(Object.assign(new Error('closed'), { code: 'ECONNRESET' })));
  session.once('remoteSettings', ({ maxConcurrentStreams }) => {
    const takesNone = maxConcurrentStreams === 0;
    finish(takesNone ? Object.assign(new Error('no streams'), { code: 'no_streams' }) : undefined);
  });
  return () => {
    finished = true;
    session.destroy();
    socket.destroy();
  };
}
