import {
  constants,
  createSecureServer,
  type Http2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { ReceiverTls } from './receiver-tls.ts';

/** What a receiver that speaks HTTP/2 does with a request; a number is that status, no body. */
export type Http2Behaviour =
  | number
  | {
      readonly kind: 'respond';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
      /** Sends so many 103 before the answer. */
      readonly announcements?: number;
    }
  /** Never answers. */
  | { readonly kind: 'hang' }
  /** Sends status, headers and the beginning of a body, then nothing more. */
  | { readonly kind: 'hang_in_body' }
  /** As fast as the client reads. */
  | { readonly kind: 'endless_body' }
  /** Resets the stream with an error code of RFC 9113 section 7. */
  | { readonly kind: 'reset'; readonly code: number; readonly when: 'before_headers' | 'in_body' }
  /** Ends the session with that code; streams after `lastStreamId` were not looked at. */
  | { readonly kind: 'goaway'; readonly code: number; readonly lastStreamId?: number }
  /** Closes the connection without a word. */
  | { readonly kind: 'vanish' };

export interface Http2Request {
  readonly method: string;
  readonly path: string;
  readonly authority: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
  /** Which of the connections it came on, from 1, and which stream of it. */
  readonly session: number;
  readonly streamId: number;
}

export interface Http2ReceiverOptions {
  readonly tls: ReceiverTls;
  readonly respond?: (request: Http2Request) => Http2Behaviour;
  /** Requests at once on one connection, as it tells its clients. Default: 100. */
  readonly streamsMax?: number;
  /** Takes HTTP/1.1 as well. Its requests are answered 200 and have session 0. Default: false. */
  readonly allowHttp1?: boolean;
}

export interface Http2Receiver {
  readonly url: string;
  readonly port: number;
  readonly requests: readonly Http2Request[];
  readonly connections: () => { readonly accepted: number; readonly open: number };
  respondWith(respond: (request: Http2Request) => Http2Behaviour): void;
  /** Answers every request that hangs, with that status. */
  release(status: number): void;
  /** Resolves once that many requests came in all. Rejects after 20 s. */
  waitFor(count: number): Promise<void>;
  stop(): Promise<void>;
}

const waitMs = 20_000;
const filler = 'x'.repeat(16 * 1024);

/** Starts a receiver of webhooks over HTTP/2 (TLS, ALPN) on a free port of the loopback. */
export async function startHttp2Receiver(options: Http2ReceiverOptions): Promise<Http2Receiver> {
  const requests: Http2Request[] = [];
  const sessions = new Map<Http2Session, number>();
  const hanging = new Set<ServerHttp2Stream>();
  const watchers = new Set<() => void>();
  let respond = options.respond ?? (() => 200);
  let accepted = 0;

  function received(request: Http2Request): void {
    requests.push(request);
    for (const watcher of [...watchers]) watcher();
  }

  const server = createSecureServer({
    ...options.tls,
    allowHTTP1: options.allowHttp1 ?? false,
    settings: { maxConcurrentStreams: options.streamsMax ?? 100 },
  });
  server.on('session', (session) => {
    accepted += 1;
    sessions.set(session, accepted);
    session.on('error', () => session.destroy());
    session.once('close', () => sessions.delete(session));
  });
  server.on('stream', (stream, headers) => {
    stream.on('error', () => stream.destroy());
    stream.once('close', () => hanging.delete(stream));
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.once('end', () => {
      const { ':method': method, ':path': path, ':authority': authority, ...others } = headers;
      const request: Http2Request = {
        method: String(method),
        path: String(path),
        authority: String(authority),
        headers: others,
        body: Buffer.concat(chunks).toString(),
        session: stream.session === undefined ? 0 : (sessions.get(stream.session) ?? 0),
        streamId: stream.id ?? 0,
      };
      received(request);
      behave(respond(request), stream, hanging);
    });
  });
  server.on('request', (request, response) => {
    if (request.httpVersionMajor !== 1) return;
    const { method, url, headers } = request;
    const host = String(headers.host);
    received({
      ...{ method, path: url, authority: host, headers, body: '', session: 0, streamId: 0 },
    });
    response.writeHead(200).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `https://127.0.0.1:${port}/webhooks`,
    port,
    requests,
    connections: () => ({ accepted, open: sessions.size }),
    respondWith(given) {
      respond = given;
    },
    release(status) {
      for (const stream of hanging) stream.respond({ ':status': status }, { endStream: true });
      hanging.clear();
    },
    waitFor(count) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const timer = setTimeout(() => {
        reject(new Error(`waited ${waitMs} ms for ${count} requests; ${requests.length} came`));
      }, waitMs);
      const look = () => {
        if (requests.length < count) return;
        clearTimeout(timer);
        watchers.delete(look);
        resolve();
      };
      watchers.add(look);
      look();
      return promise;
    },
    async stop() {
      for (const session of sessions.keys()) session.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function behave(
  behaviour: Http2Behaviour,
  stream: ServerHttp2Stream,
  hanging: Set<ServerHttp2Stream>,
): void {
  if (stream.destroyed) return;
  if (typeof behaviour === 'number') {
    stream.respond({ ':status': behaviour }, { endStream: true });
    return;
  }
  switch (behaviour.kind) {
    case 'respond':
      for (let n = 0; n < (behaviour.announcements ?? 0); n += 1) {
        stream.additionalHeaders({ ':status': 103, link: '</a>; rel=preload' });
      }
      stream.respond({ ...behaviour.headers, ':status': behaviour.status });
      stream.end(behaviour.body);
      return;
    case 'hang':
      hanging.add(stream);
      return;
    case 'hang_in_body':
      stream.respond({ ':status': 200 });
      stream.write('begun');
      return;
    case 'endless_body':
      stream.respond({ ':status': 200 });
      pump(stream);
      return;
    case 'reset':
      reset(stream, behaviour);
      return;
    case 'goaway':
      stream.session?.goaway(behaviour.code, behaviour.lastStreamId ?? stream.id ?? 0);
      return;
    case 'vanish':
      stream.session?.socket.destroy();
  }
}

function reset(
  stream: ServerHttp2Stream,
  { code, when }: Extract<Http2Behaviour, { kind: 'reset' }>,
): void {
  if (when === 'before_headers') {
    stream.close(code);
    return;
  }
  stream.respond({ ':status': 200, 'content-length': 100 });
  stream.write('begun', () => stream.close(code));
}

/** Writes the same bytes for ever, at the reader's pace. */
function pump(stream: ServerHttp2Stream): void {
  const more = () => {
    while (!stream.destroyed && stream.write(filler));
  };
  stream.on('drain', more);
  more();
}

export const http2Codes = {
  noError: constants.NGHTTP2_NO_ERROR,
  protocolError: constants.NGHTTP2_PROTOCOL_ERROR,
  internalError: constants.NGHTTP2_INTERNAL_ERROR,
  refusedStream: constants.NGHTTP2_REFUSED_STREAM,
  cancel: constants.NGHTTP2_CANCEL,
  enhanceYourCalm: constants.NGHTTP2_ENHANCE_YOUR_CALM,
  http11Required: constants.NGHTTP2_HTTP_1_1_REQUIRED,
} as const;
