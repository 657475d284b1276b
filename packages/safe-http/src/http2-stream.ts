import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  constants,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  sensitiveHeaders,
} from 'node:http2';
import type { Exchange } from './exchange.ts';
import { streamFailure } from './http2-errors.ts';
import { headerBytesMax } from './http2-session.ts';
import type { ResponseHeaders } from './outcome.ts';
import { type HttpRequest, isHeaderValue } from './request.ts';

export interface StreamEnd {
  /** The error code of HTTP/2 that the stream ended with, 0 for none. */
  readonly code: number;
  /** The receiver takes this request over HTTP/1.1 only. */
  readonly http1Required: boolean;
}

export interface RunOnStream {
  readonly exchange: Exchange;
  readonly session: ClientHttp2Session;
  /** Host and port as in the URL. */
  readonly authority: string;
  /** The receiver said something. */
  readonly onHeard: () => void;
  /** The exchange wants no more of it, before the receiver was done. */
  readonly onGivenUp: () => void;
  readonly sessionError: () => Error | undefined;
  readonly onEnd: (stream: ClientHttp2Stream, how: StreamEnd) => void;
}

/** Sends one request as a stream of its own; answers nothing when there is none to wait for. */
export function runOnStream(options: RunOnStream): ClientHttp2Stream | undefined {
  const { exchange, session, authority } = options;
  if (exchange.settled) return undefined;
  const { request } = exchange.options;
  if (!Object.values(request.headers).every(isHeaderValue)) {
    exchange.onResponseError(null, codedError('UND_ERR_INVALID_ARG'));
    return undefined;
  }
  let stream: ClientHttp2Stream;
  try {
    stream = session.request(headersOf(exchange, authority), { endStream: isEmpty(request.body) });
  } catch {
    // The session went away between two events, or Node refuses a header; nothing was sent.
    const isGone = session.closed || session.destroyed;
    exchange.onResponseError(null, codedError(isGone ? 'ECONNRESET' : 'UND_ERR_INVALID_ARG'));
    return undefined;
  }
  exchange.onRequestStart({
    abort() {
      options.onGivenUp();
      stream.close(constants.NGHTTP2_CANCEL);
    },
  });
  listenTo(stream, options);
  if (!isEmpty(request.body)) stream.end(request.body);
  return stream;
}

function listenTo(stream: ClientHttp2Stream, options: RunOnStream): void {
  const { exchange, onHeard } = options;
  let error: Error | undefined;
  let answered = false;
  stream.on('headers', (headers) => {
    onHeard();
    exchange.onResponseStart(null, Number(headers[':status']), {});
  });
  stream.on('response', (headers) => {
    onHeard();
    answered = true;
    if (lengthOf(headers) > headerBytesMax) exchange.onHeadersTooLarge();
    else exchange.onResponseStart(null, Number(headers[':status']), responseHeadersOf(headers));
  });
  stream.on('data', (chunk: Buffer) => {
    onHeard();
    exchange.onResponseData(null, chunk);
  });
  stream.once('end', () => {
    // A reset ends the readable side too; 'close' tells of it.
    if (!answered || stream.rstCode !== constants.NGHTTP2_NO_ERROR) return;
    exchange.onResponseEnd();
    // Answered before it had read the request: the rest is not wanted.
    if (!stream.writableFinished) stream.close(constants.NGHTTP2_CANCEL);
  });
  stream.on('error', (cause: Error) => {
    error = cause;
  });
  stream.once('close', () => {
    const code = stream.rstCode ?? constants.NGHTTP2_NO_ERROR;
    const http1Required = code === constants.NGHTTP2_HTTP_1_1_REQUIRED;
    options.onEnd(stream, { code, http1Required });
    if (exchange.settled) return;
    // Section 8.7: of a refused stream nothing was processed; 8.1.1 leaves it at the other protocol.
    if (code === constants.NGHTTP2_REFUSED_STREAM || http1Required) {
      exchange.onNotProcessed(codedError('refused_stream'));
    } else {
      exchange.onResponseError(null, streamFailure(code, options.sessionError() ?? error));
    }
  });
}

/** Names go in lower case, as HTTP/2 has them; what is sent once each goes into no compression table. */
function headersOf(
  { options: { request, path } }: Exchange,
  authority: string,
): OutgoingHttpHeaders {
  const headers: Record<string, string | string[]> = {};
  const names: string[] = [];
  for (const [given, value] of Object.entries(request.headers)) {
    const name = given.toLowerCase();
    const before = headers[name];
    headers[name] = before === undefined ? value : [before, value].flat();
    if (name !== 'content-type' && name !== 'user-agent') names.push(name);
  }
  return {
    ...headers,
    ...(!isEmpty(request.body) && {
      'content-length': String(Buffer.byteLength(request.body ?? '')),
    }),
    [constants.HTTP2_HEADER_METHOD]: request.method,
    [constants.HTTP2_HEADER_SCHEME]: 'https',
    [constants.HTTP2_HEADER_AUTHORITY]: authority,
    [constants.HTTP2_HEADER_PATH]: path,
    [sensitiveHeaders]: names,
  };
}

function responseHeadersOf(headers: IncomingHttpHeaders): ResponseHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith(':')));
}

/** As RFC 9113 section 6.5.2 counts a list of headers. */
function lengthOf(headers: IncomingHttpHeaders): number {
  let length = 0;
  for (const [name, value] of Object.entries(headers)) {
    length += name.length + 32 + String(value).length;
  }
  return length;
}

function isEmpty(body: HttpRequest['body']): boolean {
  return body === undefined || body.length === 0;
}

function codedError(code: string): Error {
  return Object.assign(new Error(code), { code });
}
