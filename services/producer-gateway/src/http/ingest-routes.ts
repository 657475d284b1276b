import { ContractError, DomainError, INGEST_MESSAGE_BYTES_MAX } from '@hookline/contracts';
import { bearerApiKey, type Caller, isApiKey, requireRole } from '@hookline/credentials';
import type { Authenticate } from '@hookline/service-runtime';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { readHttpPublication } from '../domain/publication.ts';
import type { GatewayMetrics } from '../gateway-metrics.ts';
import type { Publishing } from '../publishing.ts';

export interface IngestRoutesOptions {
  readonly publishing: Publishing;
  readonly authenticate: Authenticate;
  readonly metrics: GatewayMetrics;
}

/** `POST /ingest/events`, also with the key as last path segment for senders that cannot set headers. */
export function ingestRoutes(options: IngestRoutesOptions): (app: FastifyInstance) => void {
  const { publishing, authenticate, metrics } = options;

  const publish = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const caller = await identify(request, authenticate);
    requireRole(caller, 'publisher');
    const event = readOrRefuse(request, caller, metrics);
    const [outcome] = await publishing.accept([event], 'http');
    if (outcome === undefined) throw new Error('an append without an outcome');
    if (outcome.kind === 'refused') throw new DomainError('invalid_argument', outcome.reason);
    const id = outcome.kind === 'appended' ? outcome.event.id : outcome.eventId;
    void reply.code(202).header('content-type', 'application/json').send(`{"ids":["${id}"]}\n`);
  };

  return (app) => {
    const settings = { bodyLimit: INGEST_MESSAGE_BYTES_MAX };
    app.post('/ingest/events', settings, publish);
    app.post('/ingest/events/:key', settings, publish);
  };
}

/** The caller of a request: by its bearer, else by the key in its path. Throws DomainError. */
async function identify(request: FastifyRequest, authenticate: Authenticate): Promise<Caller> {
  const { key: pathKey } = request.params as { readonly key?: string };
  const { authorization } = request.headers;
  const bearer = bearerApiKey(authorization, { allowBase64: true });
  const apiKey = bearer ?? (pathKey !== undefined && isApiKey(pathKey) ? pathKey : undefined);
  if (apiKey === undefined) {
    throw new DomainError(
      'unauthenticated',
      'a publisher key is needed: send the header "Authorization: Bearer hk_…", or put the key at the end of the path',
    );
  }
  const caller = await verify(authenticate, apiKey);
  if (caller !== undefined) return caller;
  throw new DomainError('unauthenticated', 'the API key is unknown, expired or revoked');
}

async function verify(authenticate: Authenticate, apiKey: string): Promise<Caller | undefined> {
  try {
    return await authenticate(apiKey);
  } catch (error) {
    // Not 401: the key may well be good, and a sender told otherwise stops trying.
    throw new DomainError('unavailable', 'the API key cannot be checked at the moment; try again', {
      retryAfterMs: 2_000,
      cause: error,
    });
  }
}

/** A sender that names no type is taken at its body; one that names another sends something else. */
function checkContentType(contentType: string | undefined): void {
  if (contentType === undefined || JSON_TYPE.test(contentType)) return;
  throw new DomainError(
    'unsupported_media_type',
    `the content type is "${contentType.slice(0, 100)}"; send "Content-Type: application/json"`,
  );
}

const JSON_TYPE = /^[a-z]+\/([a-z0-9.-]+\+)?json\s*(;|$)/i;

function readOrRefuse(request: FastifyRequest, caller: Caller, metrics: GatewayMetrics) {
  checkContentType(request.headers['content-type']);
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  const { traceparent } = request.headers;
  try {
    return readHttpPublication(body, {
      tenant: caller.tenant,
      keyId: caller.keyId,
      traceparent: typeof traceparent === 'string' ? traceparent : undefined,
      nowMs: Date.now(),
    });
  } catch (error) {
    metrics.rejected('http', 1);
    if (!(error instanceof ContractError) || error.code !== 'too_large') throw error;
    throw new DomainError('payload_too_large', error.message, { cause: error });
  }
}
