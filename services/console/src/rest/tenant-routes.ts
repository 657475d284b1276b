import { AdminServiceService, ListTenantsRequest } from '@hookline/contracts';
import type { FastifyInstance } from 'fastify';
import type { GrpcClients } from '../grpc-clients.ts';
import { describeRoute } from './describe-route.ts';
import {
  idempotencyKeyHeader,
  ifMatchHeader,
  ifMatchOf,
  requestIdOf,
  withETag,
} from './headers.ts';
import { toKeyJson } from './key-routes.ts';
import { type PageQuery, pageProperties, pageSchema, toPage, toPageRequest } from './pages.ts';
import { present } from './present.ts';
import { type TenantInput, toTenant, toTenantJson } from './tenant-json.ts';
import { registerTenantPatch } from './tenant-patch-route.ts';
import { createdTenantSchema, tenantInputSchema, tenantSchema } from './tenant-schema.ts';

const TAG = 'Tenants';
const S = AdminServiceService;

interface TenantsQuery extends PageQuery {
  readonly name?: string;
}

/** `/v1/tenants`: the customers of an installation. */
export function registerTenantRoutes(app: FastifyInstance, clients: GrpcClients): void {
  registerCreate(app, clients);
  registerReading(app, clients);
  registerTenantPatch(app, clients);
  const remove = describeRoute({
    operationId: 'deleteTenant',
    tag: TAG,
    summary: 'Delete a tenant',
    description:
      'Its webhooks end, its keys and agents are revoked, and the key under which personal data in its events is stored is destroyed. There is no way back. Only the operator, an admin of tenant `default`.',
    headers: ifMatchHeader,
    query: {
      confirm_name: {
        type: 'string',
        maxLength: 100,
        description: 'The tenant’s name, so that none is deleted by mistake.',
      },
    },
    answers: { 204: { description: 'It is deleted.' } },
    refusals: [404, 409, 412],
  });
  app.delete<{ Params: { id: string }; Querystring: { confirm_name?: string } }>(
    '/v1/tenants/:id',
    remove,
    async (request, reply) => {
      const { id } = request.params;
      const confirmName = request.query.confirm_name ?? '';
      const etag = ifMatchOf(request);
      await clients.subscriptions.call(request, S.deleteTenant, { id, confirmName, etag });
      return reply.code(204).send();
    },
  );
}

function registerCreate(app: FastifyInstance, { subscriptions }: GrpcClients): void {
  const create = describeRoute({
    operationId: 'createTenant',
    tag: TAG,
    summary: 'Create a tenant',
    description:
      'A tenant and its first admin key, whose credential is in this answer and never again. Only the operator, an admin of tenant `default`.',
    headers: idempotencyKeyHeader,
    body: tenantInputSchema,
    answers: {
      201: {
        description: 'The tenant.',
        schema: createdTenantSchema,
        headers: { location: 'Where the tenant is.', etag: 'Its version.' },
      },
    },
    refusals: [409],
  });
  app.post<{ Body: TenantInput }>('/v1/tenants', create, async (request, reply) => {
    const asked = { tenant: toTenant(request.body), requestId: requestIdOf(request) };
    const answer = await subscriptions.call(request, S.createTenant, asked);
    const tenant = present(answer.tenant, 'a tenant');
    const key = present(answer.adminKey, 'a key');
    void reply.code(201).header('location', `/v1/tenants/${tenant.id}`);
    const adminKey = { ...toKeyJson(key), key: key.secret };
    return withETag(reply, { ...toTenantJson(tenant), admin_key: adminKey });
  });
}

function registerReading(app: FastifyInstance, { subscriptions }: GrpcClients): void {
  const list = describeRoute({
    operationId: 'listTenants',
    tag: TAG,
    summary: 'List tenants',
    description: 'By name: all of them for the operator, else one’s own.',
    query: {
      ...pageProperties,
      name: { type: 'string', maxLength: 100, description: 'Only the one with this name.' },
    },
    answers: { 200: { description: 'One page.', schema: pageSchema(tenantSchema) } },
  });
  app.get<{ Querystring: TenantsQuery }>('/v1/tenants', list, async (request) => {
    const asked = ListTenantsRequest.create(toPageRequest(request.query));
    asked.name = request.query.name ?? '';
    const page = await subscriptions.call(request, S.listTenants, asked);
    return toPage(page.tenants.map(toTenantJson), page.nextPageToken);
  });

  const read = describeRoute({
    operationId: 'getTenant',
    tag: TAG,
    summary: 'Read a tenant',
    description: 'One tenant.',
    answers: {
      200: { description: 'The tenant.', schema: tenantSchema, headers: { etag: 'Its version.' } },
    },
    refusals: [404],
  });
  app.get<{ Params: { id: string } }>('/v1/tenants/:id', read, async (request, reply) => {
    const { tenant } = await subscriptions.call(request, S.getTenant, { id: request.params.id });
    return withETag(reply, toTenantJson(present(tenant, 'a tenant')));
  });
}
