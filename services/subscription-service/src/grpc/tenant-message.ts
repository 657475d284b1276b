import { type FieldViolation, Tenant as TenantMessage } from '@hookline/contracts';
import type { TenantChanges, TenantQuotas, TenantSettings } from '../domain/tenant.ts';
import type { TenantView } from '../postgres/tenant-rows.ts';

type QuotaName = keyof TenantQuotas;

const quotaPaths: Readonly<Record<string, QuotaName>> = {
  'quotas.subscriptions_max': 'subscriptionsMax',
  'quotas.events_per_second_max': 'eventsPerSecondMax',
  'quotas.requests_per_second_max': 'requestsPerSecondMax',
  'quotas.credentials_max': 'credentialsMax',
};

/** Every path of a mask, and what it takes from the message. */
const paths: Readonly<Record<string, (tenant: TenantMessage) => TenantChanges>> = {
  control_name: ({ controlName }) => ({ controlName }),
  contacts: ({ contacts }) => ({ contacts: [...new Set(contacts)] }),
  control_domain: ({ controlDomain }) => ({ controlDomain }),
  control_support_link: ({ controlSupportLink }) => ({ controlSupportLink }),
  custom_event_types: ({ customEventTypes }) => ({
    customEventTypes: [...new Set(customEventTypes)],
  }),
  strict_event_types: ({ strictEventTypes }) => ({ strictEventTypes }),
  quotas: (tenant) => merged(Object.keys(quotaPaths).map((path) => quotaOf(tenant, path))),
  ...Object.fromEntries(
    Object.keys(quotaPaths).map((path) => [path, (tenant: TenantMessage) => quotaOf(tenant, path)]),
  ),
};

function quotaOf({ quotas }: TenantMessage, path: string): TenantChanges {
  const name = quotaPaths[path] as QuotaName;
  const value = quotas?.[name];
  return { quotas: { [name]: value === undefined ? null : Number(value) } };
}

function merged(changes: readonly TenantChanges[]): TenantChanges {
  const quotas = Object.assign({}, ...changes.map((each) => each.quotas));
  return Object.assign({}, ...changes, Object.keys(quotas).length > 0 && { quotas });
}

/**
 * What a mask (AIP-134) takes from the message: `*` is every field; none, or an empty one, every
 * field that is set. Faults are those of the mask itself.
 */
export function readTenantChanges(
  tenant: TenantMessage,
  mask: readonly string[] = [],
): { readonly changes: TenantChanges; readonly faults: FieldViolation[] } {
  const wanted = mask.length > 0 ? mask : pathsSet(tenant);
  const named = wanted.flatMap((path) => (path === '*' ? Object.keys(paths) : [path]));
  const isKnown = (path: string) => Object.hasOwn(paths, path);
  return {
    changes: merged(named.filter(isKnown).map((path) => paths[path]?.(tenant) ?? {})),
    faults: named
      .filter((path) => !isKnown(path))
      .map((path) => ({ field: 'update_mask', detail: pathFault(path) })),
  };
}

function pathFault(path: string): string {
  const shown = path.slice(0, 100);
  return path === 'name' || path in TenantMessage.create() || path.endsWith('_time')
    ? `"${shown}" cannot be changed; leave it out`
    : `"${shown}" is no field of a tenant; use ${Object.keys(paths).join(', ')} or *`;
}

function pathsSet(tenant: TenantMessage): string[] {
  const isSet = (path: string): boolean => {
    const value = Object.values(paths[path]?.(tenant) ?? {})[0];
    return Array.isArray(value) ? value.length > 0 : value !== '' && value !== false;
  };
  const { quotas } = tenant;
  const quotasSet = Object.entries(quotaPaths)
    .filter(([, name]) => quotas?.[name] !== undefined)
    .map(([path]) => path);
  const others = Object.keys(paths).filter((path) => !path.startsWith('quotas'));
  return [...others.filter(isSet), ...quotasSet];
}

export function toTenantMessage(tenant: TenantView): TenantMessage {
  const { settings } = tenant;
  return {
    id: tenant.id,
    name: tenant.name,
    controlName: settings.controlName,
    contacts: [...settings.contacts],
    controlDomain: settings.controlDomain,
    controlSupportLink: settings.controlSupportLink,
    quotas: toQuotasMessage(settings),
    customEventTypes: [...settings.customEventTypes],
    strictEventTypes: settings.strictEventTypes,
    etag: String(tenant.version),
    createTime: tenant.createdAt,
    updateTime: tenant.updatedAt,
  };
}

function toQuotasMessage({ quotas }: TenantSettings): TenantMessage['quotas'] {
  if (Object.keys(quotas).length === 0) return undefined;
  const count = (value: number | undefined) => (value === undefined ? undefined : BigInt(value));
  return {
    subscriptionsMax: count(quotas.subscriptionsMax),
    eventsPerSecondMax: quotas.eventsPerSecondMax,
    requestsPerSecondMax: quotas.requestsPerSecondMax,
    credentialsMax: count(quotas.credentialsMax),
  };
}
