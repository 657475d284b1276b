import type { Socket } from 'node:net';
import { DomainError } from '@hookline/contracts';
import type { Logger } from '@hookline/telemetry';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { toDomainError } from '../errors.ts';
import { reasonOf } from '../retry-until.ts';
import { type Problem, problemContentType, problemOf, toProblem } from './problem.ts';

interface FrameworkError {
  readonly code?: string;
  readonly statusCode?: number;
  readonly message?: string;
}

/** What fastify itself finds wrong with a request, in words that say what would be right. */
function frameworkRefusal(error: FrameworkError, request: FastifyRequest): DomainError | undefined {
  const bodyLimit = request.routeOptions.bodyLimit;
  switch (error.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new DomainError('payload_too_large', `the body is larger than ${bodyLimit} bytes`);
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE': {
      const given = String(request.headers['content-type'] ?? '').slice(0, 100);
      return new DomainError(
        'unsupported_media_type',
        `the content type ${JSON.stringify(given)} is not taken here; send application/json`,
      );
    }
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
      return new DomainError('invalid_argument', 'the body is empty; send a JSON object');
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return new DomainError('invalid_argument', 'the body is not as long as content-length says');
    default:
      if (error.statusCode === undefined || error.statusCode < 400 || error.statusCode >= 500)
        return undefined;
      return new DomainError(
        'invalid_argument',
        withoutKeys(error.message ?? 'the request is not valid'),
      );
  }
}

function send(reply: FastifyReply, problem: Problem): void {
  void reply
    .code(problem.status)
    .header('content-type', problemContentType)
    .send(JSON.stringify(problem));
}

/** Answers whatever was thrown while a request was handled. */
export function sendError(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  logger: Logger,
): void {
  const refusal = toDomainError(error) ?? frameworkRefusal(error as FrameworkError, request);
  const route = `${request.method} ${request.routeOptions.url ?? pathOf(request)}`;
  if (refusal === undefined) {
    logger.error({ err: error, request_id: request.id }, `${route} failed: ${reasonOf(error)}`);
    const detail = 'an internal error, described in the log of the service under this request_id';
    send(reply, toProblem({ status: 500, code: 'internal', detail }, request.id));
    return;
  }
  if (refusal.code === 'unavailable') {
    const reason = reasonOf(refusal.cause ?? refusal);
    logger.warn({ request_id: request.id }, `${route}: ${refusal.message} (${reason})`);
  }
  if (refusal.retryAfterMs !== undefined) {
    void reply.header('retry-after', Math.max(1, Math.ceil(refusal.retryAfterMs / 1000)));
  }
  if (refusal.code === 'unauthenticated') void reply.header('www-authenticate', 'Bearer');
  send(reply, problemOf(refusal, request.id));
}

function pathOf({ url }: FastifyRequest): string {
  return withoutKeys(url.split('?', 1)[0] ?? '').slice(0, 200);
}

/** Some senders can put their API key nowhere but into the path, a mistyped one included. */
function withoutKeys(text: string): string {
  return text.replaceAll(/(h|%68)(k|%6b)(_|%5f)[^/\s'"]*/gi, 'hk_…');
}

/** Answers a path that is not there, or that is there for other methods (405 with `Allow`). */
export function sendNotFound(
  request: FastifyRequest,
  reply: FastifyReply,
  allowed: readonly string[],
): void {
  const path = pathOf(request);
  if (allowed.length === 0) {
    const detail = `there is nothing at ${path}`;
    send(reply, toProblem({ status: 404, code: 'not_found', detail }, request.id));
    return;
  }
  void reply.header('allow', allowed.join(', '));
  const detail = `${path} takes ${allowed.join(', ')}, not ${request.method}`;
  send(reply, toProblem({ status: 405, code: 'method_not_allowed', detail }, request.id));
}

/** Answers what is no HTTP request at all, on the bare socket. */
export function sendClientError(error: { code: string }, socket: Socket, requestId: string): void {
  if (socket.destroyed || !socket.writable) return;
  const input =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? { status: 431, code: 'headers_too_large', detail: 'the headers are larger than 16 KiB' }
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? { status: 408, code: 'request_timeout', detail: 'the request did not come in time' }
        : { status: 400, code: 'invalid_argument', detail: 'this is not a valid HTTP/1.1 request' };
  const problem = toProblem(input, requestId);
  const body = JSON.stringify(problem);
  socket.end(
    `HTTP/1.1 ${problem.status} ${problem.title}\r\nconnection: close\r\ncontent-type: ${problemContentType}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
