import { Tenant, type TenantQuotas } from '@hookline/contracts';
import { instantText } from './times.ts';

type Quota =
  | 'subscriptions_max'
  | 'events_per_second_max'
  | 'requests_per_second_max'
  | 'credentials_max';

/** A tenant's settings as REST takes them. */
export interface TenantInput {
  readonly name: string;
  readonly control_name?: string;
  readonly contacts?: readonly string[];
  readonly control_domain?: string;
  readonly control_support_link?: string;
  readonly custom_event_types?: readonly string[];
  readonly strict_event_types?: boolean;
  readonly quotas?: { readonly [K in Quota]?: number };
}

/** The body of `PATCH /v1/tenants/{id}`: what is null is set back to its default. */
export type TenantPatch = {
  readonly [K in Exclude<keyof TenantInput, 'name' | 'quotas'>]?: TenantInput[K] | null;
} & { readonly quotas?: { readonly [K in Quota]?: number | null } | null };

export function toTenantJson(tenant: Tenant) {
  return {
    id: tenant.id,
    name: tenant.name,
    control_name: tenant.controlName,
    contacts: tenant.contacts,
    control_domain: tenant.controlDomain,
    control_support_link: tenant.controlSupportLink,
    custom_event_types: tenant.customEventTypes,
    strict_event_types: tenant.strictEventTypes,
    quotas: toQuotasJson(tenant.quotas),
    created_at: instantText(tenant.createTime),
    updated_at: instantText(tenant.updateTime),
    etag: tenant.etag,
  };
}

function toQuotasJson(quotas: TenantQuotas | undefined) {
  const { subscriptionsMax, eventsPerSecondMax, requestsPerSecondMax, credentialsMax } =
    quotas ?? {};
  return {
    ...(subscriptionsMax !== undefined && { subscriptions_max: Number(subscriptionsMax) }),
    ...(eventsPerSecondMax !== undefined && { events_per_second_max: eventsPerSecondMax }),
    ...(requestsPerSecondMax !== undefined && { requests_per_second_max: requestsPerSecondMax }),
    ...(credentialsMax !== undefined && { credentials_max: Number(credentialsMax) }),
  };
}

/** A tenant of what was given; what is absent or null is empty. */
export function toTenant(given: TenantPatch & { readonly name?: string }): Tenant {
  const { quotas } = given;
  return {
    ...Tenant.create(),
    name: given.name ?? '',
    controlName: given.control_name ?? '',
    contacts: [...(given.contacts ?? [])],
    controlDomain: given.control_domain ?? '',
    controlSupportLink: given.control_support_link ?? '',
    customEventTypes: [...(given.custom_event_types ?? [])],
    strictEventTypes: given.strict_event_types ?? false,
    quotas: quotas === undefined || quotas === null ? undefined : toQuotas(quotas),
  };
}

function toQuotas(quotas: NonNullable<TenantPatch['quotas']>): TenantQuotas {
  const whole = (value: number | null | undefined) =>
    typeof value === 'number' ? BigInt(value) : undefined;
  return {
    subscriptionsMax: whole(quotas.subscriptions_max),
    eventsPerSecondMax: quotas.events_per_second_max ?? undefined,
    requestsPerSecondMax: quotas.requests_per_second_max ?? undefined,
    credentialsMax: whole(quotas.credentials_max),
  };
}

/** The fields that a patch changes, as an update mask names them; members of `quotas` one by one. */
export function tenantMaskOf({ quotas, ...others }: TenantPatch): string[] {
  const ofQuotas = quotas === null ? ['quotas'] : quotaPaths(quotas);
  return [...Object.keys(others), ...ofQuotas];
}

function quotaPaths(quotas: object = {}): string[] {
  return Object.keys(quotas).map((name) => `quotas.${name}`);
}
