import {
  CreateTenantRequest,
  DeleteTenantRequest,
  GetTenantRequest,
  ListTenantsRequest,
  Tenant,
  UpdateTenantRequest,
} from '@hookline/contracts';
import type { Input, Run } from '../command/command.ts';
import { UsageError } from '../command/usage-error.ts';
import { exitCodes } from '../output/exit-codes.ts';
import { connect } from '../server/connect.ts';
import { printList } from '../server/list-pages.ts';
import { message } from '../server/request.ts';
import type {
  createSpec,
  deleteSpec,
  getSpec,
  listSpec,
  updateSpec,
} from '../specs/tenant-specs.ts';
import { keyJson, tenantColumns, tenantJson } from '../views/admin-view.ts';
import { fieldsOf } from '../views/shared.ts';
import { present, show, told } from './show.ts';

export const createTenant: Run<typeof createSpec> = async (
  { arguments: { name }, options },
  context,
) => {
  using connection = await connect(options, context);
  const request = message(CreateTenantRequest, {
    tenant: { ...fieldsFrom(options), name, strictEventTypes: options.strict },
    requestId: options['request-id'],
  });
  const answer = await connection.admin.createTenant(request, connection.call);
  const tenant = tenantJson(present(answer.tenant, 'the tenant'));
  const key = keyJson(present(answer.adminKey, 'the key'));
  const { output } = context;
  if (output.isJson) output.json({ ...tenant, admin_key: key });
  else output.fields([...fieldsOf(tenant), ['admin key', String(key.secret ?? '-')]]);
  return exitCodes.done;
};

export const listTenants: Run<typeof listSpec> = async ({ options }, context) => {
  using connection = await connect(options, context);
  await printList(context, {
    limit: options.limit,
    pageToken: options['page-token'] ?? '',
    columns: tenantColumns,
    async fetch(pageSize, pageToken) {
      const request = message(ListTenantsRequest, { pageSize, pageToken, name: options.name });
      const page = await connection.admin.listTenants(request, connection.call);
      return { items: page.tenants.map(tenantJson), nextPageToken: page.nextPageToken };
    },
  });
  return exitCodes.done;
};

export const getTenant: Run<typeof getSpec> = async ({ arguments: { id }, options }, context) => {
  using connection = await connect(options, context);
  const request = message(GetTenantRequest, { id });
  const { tenant } = await connection.admin.getTenant(request, connection.call);
  show(context.output, tenantJson(present(tenant, 'the tenant')));
  return exitCodes.done;
};

export const updateTenant: Run<typeof updateSpec> = async (
  { arguments: { id }, options },
  context,
) => {
  const mask = [...pathsOf(options), ...options.clear];
  if (mask.length === 0) {
    throw new UsageError(
      [{ subject: '', detail: 'nothing is to be changed; name what is, such as --contact' }],
      'tenants update',
    );
  }
  using connection = await connect(options, context);
  const request = message(UpdateTenantRequest, {
    tenant: {
      ...fieldsFrom(options),
      id,
      etag: options.etag,
      strictEventTypes: options['strict-event-types'] === 'true',
    },
    updateMask: mask,
  });
  const { tenant } = await connection.admin.updateTenant(request, connection.call);
  show(context.output, tenantJson(present(tenant, 'the tenant')));
  return exitCodes.done;
};

export const deleteTenant: Run<typeof deleteSpec> = async (
  { arguments: { id }, options },
  context,
) => {
  using connection = await connect(options, context);
  const confirmName = options['confirm-name'];
  const request = message(DeleteTenantRequest, { id, confirmName, etag: options.etag });
  await connection.admin.deleteTenant(request, connection.call);
  told(context.output, { id, deleted: true }, `${id} (${confirmName}) is deleted`);
  return exitCodes.done;
};

type Flags = Pick<
  Input<typeof updateSpec>['options'],
  keyof Input<typeof createSpec>['options'] & keyof Input<typeof updateSpec>['options']
>;

function fieldsFrom(options: Flags): Partial<Tenant> {
  return message(Tenant, {
    controlName: options['control-name'],
    controlDomain: options['control-domain'],
    controlSupportLink: options['support-link'],
    contacts: [...options.contact],
    customEventTypes: [...options['event-type']],
    quotas: {
      subscriptionsMax: bigintOf(options['subscriptions-max']),
      eventsPerSecondMax: options['events-per-second'],
      requestsPerSecondMax: options['requests-per-second'],
      credentialsMax: bigintOf(options['credentials-max']),
    },
  });
}

function bigintOf(value: number | undefined): bigint | undefined {
  return value === undefined ? undefined : BigInt(value);
}

/** The fields that flags name. */
function pathsOf(options: Input<typeof updateSpec>['options']): string[] {
  const named: Readonly<Record<string, unknown>> = {
    control_name: options['control-name'],
    control_domain: options['control-domain'],
    control_support_link: options['support-link'],
    contacts: options.contact.length > 0 || undefined,
    custom_event_types: options['event-type'].length > 0 || undefined,
    strict_event_types: options['strict-event-types'],
    'quotas.subscriptions_max': options['subscriptions-max'],
    'quotas.events_per_second_max': options['events-per-second'],
    'quotas.requests_per_second_max': options['requests-per-second'],
    'quotas.credentials_max': options['credentials-max'],
  };
  return Object.keys(named).filter((path) => named[path] !== undefined);
}
