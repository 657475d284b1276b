import {
  AdminServiceService,
  DomainError,
  enumText,
  type GetCallerResponse,
  Role,
} from '@hookline/contracts';
import { createTokenBuckets } from '@hookline/service-runtime';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { GrpcClients } from '../grpc-clients.ts';
import { refuseOtherOrigins } from './accept-session.ts';
import type { Session, SessionSealer } from './sealed-session.ts';
import { setSessionCookie } from './session-cookie.ts';

const ADDRESSES_MAX = 10_000;
/** Failed sign-ins of one address: two at once, then one in two seconds. */
const FAILURES_PER_SECOND = 0.5;
const KEY = /^hk_[A-Za-z0-9_-]{43}$/;

export interface SessionDeps {
  readonly clients: GrpcClients;
  readonly sealer: SessionSealer;
}

/** `/console/session`: sign in with an API key, see who one is, sign out. */
export function registerSession(app: FastifyInstance, { clients, sealer }: SessionDeps): void {
  const failures = createTokenBuckets({ entriesMax: ADDRESSES_MAX });
  const whoCalls = (request: FastifyRequest) =>
    clients.subscriptions.call(request, AdminServiceService.getCaller, {});

  app.post<{ Body: { key: string } }>(
    '/console/session',
    { config: { signsIn: true }, schema: { body: signInSchema } },
    async (request, reply) => {
      refuseOtherOrigins(request);
      refuseTooMany(failures.look(request.ip, FAILURES_PER_SECOND));
      const key = request.body.key.trim();
      const caller = await signIn(request, key).catch((error: unknown) => {
        failures.take(request.ip, FAILURES_PER_SECOND);
        throw error;
      });
      const { session, sealed } = sealer.create(key);
      setSessionCookie(request, reply, sealed);
      void reply.code(201);
      return toJson(caller, session);
    },
  );

  async function signIn(request: FastifyRequest, key: string): Promise<GetCallerResponse> {
    if (!KEY.test(key)) {
      throw refusal('this is not an API key: one has hk_ and 43 characters');
    }
    request.headers.authorization = `Bearer ${key}`;
    const caller = await whoCalls(request);
    if (caller.role === Role.ROLE_PUBLISHER) {
      const detail = 'this key may only publish; sign in with one of role viewer, editor or admin';
      throw new DomainError('permission_denied', detail, { fields: [{ field: 'key', detail }] });
    }
    return caller;
  }

  app.get('/console/session', { config: { keyed: true } }, async (request, reply) => {
    const { session } = request;
    // Nobody is signed in: an answer like any other, and no fault that browsers would write down.
    if (session === undefined) return reply.code(204).send();
    return toJson(await whoCalls(request), session);
  });

  app.delete('/console/session', async (request, reply) => {
    setSessionCookie(request, reply, undefined);
    return reply.code(204).send();
  });
}

const signInSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['key'],
  properties: { key: { type: 'string', maxLength: 500 } },
} as const;

function toJson({ keyId, tenant, role }: GetCallerResponse, session: Session) {
  return {
    key_id: keyId,
    tenant,
    role: enumText(Role, 'ROLE_', role) ?? 'viewer',
    csrf_token: session.csrfToken,
    expires_at: new Date(session.expiresAt).toISOString(),
  };
}

function refusal(detail: string): DomainError {
  return new DomainError('unauthenticated', detail, { fields: [{ field: 'key', detail }] });
}

function refuseTooMany(take: { readonly taken: boolean; readonly tokenInMs: number }): void {
  if (take.taken) return;
  throw new DomainError(
    'resource_exhausted',
    'too many attempts to sign in from this address; wait for a few seconds',
    { retryAfterMs: Math.ceil(take.tokenInMs) },
  );
}
