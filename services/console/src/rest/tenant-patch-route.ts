import { AdminServiceService, DomainError } from '@hookline/contracts';
import type { FastifyInstance } from 'fastify';
import type { GrpcClients } from '../grpc-clients.ts';
import { describeRoute } from './describe-route.ts';
import { ifMatchHeader, ifMatchOf, withETag } from './headers.ts';
import { present } from './present.ts';
import { type TenantPatch, tenantMaskOf, toTenant, toTenantJson } from './tenant-json.ts';
import { tenantPatchSchema, tenantSchema } from './tenant-schema.ts';

const S = AdminServiceService;

/** `PATCH /v1/tenants/{id}`, a merge patch (RFC 7396). Every member has a path of its own in a mask. */
export function registerTenantPatch(app: FastifyInstance, { subscriptions }: GrpcClients): void {
  const patch = describeRoute({
    operationId: 'patchTenant',
    tag: 'Tenants',
    summary: 'Change a tenant',
    description:
      'A merge patch (RFC 7396): what is left out stays, null sets a member back to its default, `quotas` are merged member by member, lists are replaced. Only the operator changes quotas.',
    headers: ifMatchHeader,
    body: tenantPatchSchema,
    mergePatch: true,
    answers: {
      200: {
        description: 'The changed tenant.',
        schema: tenantSchema,
        headers: { etag: 'Its new version.' },
      },
    },
    refusals: [404, 409, 412],
  });
  app.patch<{ Params: { id: string }; Body: TenantPatch }>(
    '/v1/tenants/:id',
    patch,
    async (request, reply) => {
      const { id } = request.params;
      const etag = ifMatchOf(request);
      const updateMask = tenantMaskOf(request.body);
      // An empty mask means whatever is set, and to set nothing is no change.
      const answer =
        updateMask.length === 0
          ? await subscriptions.call(request, S.getTenant, { id })
          : await subscriptions.call(request, S.updateTenant, {
              tenant: { ...toTenant(request.body), id, etag },
              updateMask,
            });
      const tenant = present(answer.tenant, 'a tenant');
      if (updateMask.length === 0 && etag !== '' && etag !== tenant.etag) {
        throw new DomainError(
          'conflict',
          'somebody else changed the tenant; read it and try again',
        );
      }
      return withETag(reply, toTenantJson(tenant));
    },
  );
}
