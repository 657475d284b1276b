import { continueTrace, type OwnSpan, runInTrace, type Tracing } from '@hookline/telemetry';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

const spans = new WeakMap<object, OwnSpan>();

/** The span of a request, within the trace that came with it or one of its own. */
export function requestSpan(request: FastifyRequest): OwnSpan {
  const span = spans.get(request.raw);
  if (span === undefined) throw new Error('a request that no server of ours has begun');
  return span;
}

/**
 * Gives every request the SERVER span it is handled in: its log lines carry the ids, handlers find it
 * by `requestSpan`, and it is recorded when it is sampled or the answer is a 5xx, which is a fault of
 * ours.
 */
export function traceRequests(app: FastifyInstance, tracing: Tracing): void {
  app.addHook('onRequest', (request, _reply, done) => {
    const { traceparent } = request.headers;
    const span = continueTrace(tracing, typeof traceparent === 'string' ? traceparent : undefined);
    spans.set(request.raw, span);
    runInTrace(span.context, done);
  });
  if (!tracing.enabled) return;
  app.addHook('onResponse', (request, reply, done) => {
    const span = spans.get(request.raw);
    if (span !== undefined && (span.context.sampled || reply.statusCode >= 500)) {
      tracing.record(finishedSpan(span, request, reply));
    }
    done();
  });
}

function finishedSpan(
  { context, parentSpanId }: OwnSpan,
  request: FastifyRequest,
  reply: FastifyReply,
) {
  // The path itself may hold ids, and for senders that cannot set headers a key.
  const route = request.routeOptions.url;
  const endedMs = performance.timeOrigin + performance.now();
  const { statusCode } = reply;
  const isFault = statusCode >= 500;
  return {
    name: route === undefined ? request.method : `${request.method} ${route}`,
    kind: 'server',
    context,
    parentSpanId,
    startedMs: endedMs - reply.elapsedTime,
    endedMs,
    attributes: {
      'http.request.method': request.method,
      'http.route': route,
      'http.response.status_code': statusCode,
      'url.scheme': 'http',
      'url.path': route ?? '/',
      'client.address': request.ip,
      'user_agent.original': request.headers['user-agent'],
      'error.type': isFault ? String(statusCode) : undefined,
    },
    error: isFault ? `answered ${statusCode}` : undefined,
  } as const;
}
