import {
  AdminServiceService,
  ApiKey,
  enumText,
  enumValue,
  ListApiKeysRequest,
  Role,
} from '@hookline/contracts';
import type { FastifyInstance } from 'fastify';
import type { GrpcClients } from '../grpc-clients.ts';
import { inactiveProperty, reasonProperty, tenantProperty } from './admin-parameters.ts';
import { describeRoute } from './describe-route.ts';
import { enumNumbers } from './enum-numbers.ts';
import { idempotencyKeyHeader, requestIdOf } from './headers.ts';
import { createdKeySchema, keyInputSchema, keySchema } from './key-schema.ts';
import { type PageQuery, pageProperties, pageSchema, toPage, toPageRequest } from './pages.ts';
import { present } from './present.ts';
import { oneOf, oneOrMore } from './schema-parts.ts';
import { instantOf, instantText, textOrNull } from './times.ts';

const TAG = 'Keys';
const S = AdminServiceService;
const ROLE = 'ROLE_';

interface KeysQuery extends PageQuery {
  readonly tenant?: string;
  readonly role?: readonly string[];
  readonly include_inactive?: boolean;
}

interface KeyInput {
  readonly role: string;
  readonly name?: string;
  readonly tenant?: string;
  readonly expires_at?: string;
}

/** An API key as REST shows it, without its credential. */
export function toKeyJson(key: ApiKey) {
  return {
    id: key.id,
    tenant: key.tenant,
    role: enumText(Role, ROLE, key.role) ?? 'viewer',
    name: key.name,
    prefix: key.prefix,
    creator: textOrNull(key.creator),
    expires_at: instantText(key.expireTime),
    last_used_at: instantText(key.lastUseTime),
    revoked_at: instantText(key.revokeTime),
    created_at: instantText(key.createTime),
  };
}

/** `/v1/keys`: API keys. */
export function registerKeyRoutes(app: FastifyInstance, clients: GrpcClients): void {
  registerCreate(app, clients);
  registerReading(app, clients);
  const revoke = describeRoute({
    operationId: 'revokeKey',
    tag: TAG,
    summary: 'Revoke an API key',
    description:
      'It is useless at once, everywhere, and is still listed with `include_inactive`. Revoking a revoked one changes nothing; a tenant’s last admin key is refused.',
    query: reasonProperty,
    answers: { 204: { description: 'It is revoked.' } },
    refusals: [404, 409],
  });
  app.delete<{ Params: { id: string }; Querystring: { reason?: string } }>(
    '/v1/keys/:id',
    revoke,
    async (request, reply) => {
      const asked = { id: request.params.id, reason: request.query.reason ?? '' };
      await clients.subscriptions.call(request, S.revokeApiKey, asked);
      return reply.code(204).send();
    },
  );
}

function registerCreate(app: FastifyInstance, { subscriptions }: GrpcClients): void {
  const create = describeRoute({
    operationId: 'createKey',
    tag: TAG,
    summary: 'Create an API key',
    description: 'The credential is in this answer and never again.',
    headers: idempotencyKeyHeader,
    body: keyInputSchema,
    answers: {
      201: {
        description: 'The key.',
        schema: createdKeySchema,
        headers: { location: 'Where the key is.' },
      },
    },
    refusals: [404, 409],
  });
  app.post<{ Body: KeyInput }>('/v1/keys', create, async (request, reply) => {
    const { role, name = '', tenant = '', expires_at } = request.body;
    const apiKey = {
      ...ApiKey.create(),
      ...{ name, tenant },
      role: enumValue(Role, ROLE, role) ?? Role.ROLE_UNSPECIFIED,
      expireTime: instantOf(expires_at),
    };
    const asked = { apiKey, requestId: requestIdOf(request) };
    const answer = await subscriptions.call(request, S.createApiKey, asked);
    const key = present(answer.apiKey, 'a key');
    void reply.code(201).header('location', `/v1/keys/${key.id}`);
    return { ...toKeyJson(key), key: key.secret };
  });
}

function registerReading(app: FastifyInstance, { subscriptions }: GrpcClients): void {
  const list = describeRoute({
    operationId: 'listKeys',
    tag: TAG,
    summary: 'List API keys',
    description: 'The newest first, without their credentials.',
    query: {
      ...pageProperties,
      ...tenantProperty,
      role: oneOrMore(oneOf(Role, ROLE), 'Only those with one of these roles.'),
      ...inactiveProperty,
    },
    answers: { 200: { description: 'One page.', schema: pageSchema(keySchema) } },
    refusals: [404],
  });
  app.get<{ Querystring: KeysQuery }>('/v1/keys', list, async (request) => {
    const { tenant = '', role, include_inactive = false } = request.query;
    const asked = ListApiKeysRequest.create(toPageRequest(request.query));
    asked.tenant = tenant;
    asked.roles = enumNumbers(Role, ROLE, role);
    asked.includeInactive = include_inactive;
    const page = await subscriptions.call(request, S.listApiKeys, asked);
    return toPage(page.apiKeys.map(toKeyJson), page.nextPageToken);
  });

  const read = describeRoute({
    operationId: 'getKey',
    tag: TAG,
    summary: 'Read an API key',
    description: 'One key, without its credential.',
    answers: { 200: { description: 'The key.', schema: keySchema } },
    refusals: [404],
  });
  app.get<{ Params: { id: string } }>('/v1/keys/:id', read, async (request) => {
    const { apiKey } = await subscriptions.call(request, S.getApiKey, { id: request.params.id });
    return toKeyJson(present(apiKey, 'a key'));
  });
}
