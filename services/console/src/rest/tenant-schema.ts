import type { JsonSchema } from './describe-route.ts';
import { exampleIds, exampleTime } from './examples.ts';
import { keyExample, keyMembers } from './key-schema.ts';
import { about, component, instantOrNone, orNull, record, text, texts } from './schema-parts.ts';

const wholeNumber = { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER } as const;
const rate = { type: 'number', minimum: 0 } as const;

const quotaMembers = {
  subscriptions_max: about(wholeNumber, 'Webhooks at most.'),
  events_per_second_max: about(rate, 'Events a second at most over HTTP and gRPC.'),
  requests_per_second_max: about(rate, 'Requests a second at most for each API key.'),
  credentials_max: about(wholeNumber, 'API keys and agents at most, together.'),
};

const quotas: JsonSchema = {
  type: 'object',
  description:
    'What the tenant may use; what is absent is as the installation has it. Only the operator changes it.',
  additionalProperties: false,
  properties: quotaMembers,
};

const settings = {
  control_name: about(text, 'The name to show, at most 100 characters.'),
  contacts: about(texts, 'Who is told about trouble, at most 10 e-mail addresses.'),
  control_domain: about(text, 'The host name of the tenant’s control panel.'),
  control_support_link: about(text, 'Where the tenant’s customers find help, a URL.'),
  custom_event_types: about(texts, 'Event types of the tenant’s own, at most 1,000.'),
  strict_event_types: about(
    { type: 'boolean' },
    'Whether an event of a type that is not in the catalogue is rejected.',
  ),
};

const name = about(text, 'The name in NATS subjects, `[a-z0-9-]{1,40}`. It stays as it is.');

const tenantMembers = {
  id: about(text, 'The id, `ten_…`.'),
  name,
  ...settings,
  quotas,
  created_at: instantOrNone,
  updated_at: instantOrNone,
  etag: about(text, 'The version, for `If-Match`.'),
};

const tenantExample = {
  id: exampleIds.tenant,
  name: 'acme',
  control_name: 'Acme Hosting',
  contacts: ['ops@example.com'],
  control_domain: 'cp.example.com',
  control_support_link: 'https://example.com/support',
  custom_event_types: [],
  strict_event_types: false,
  quotas: { subscriptions_max: 1_000 },
  created_at: exampleTime,
  updated_at: exampleTime,
  etag: '1',
};

export const tenantSchema = component('Tenant', record(tenantMembers), tenantExample);

/** A tenant as it is answered when it is made. */
export const createdTenantSchema = component(
  'CreatedTenant',
  record({
    ...tenantMembers,
    admin_key: {
      ...record({ ...keyMembers, key: about(text, 'The credential, now and never again.') }),
      description: 'The tenant’s first admin key.',
    },
  }),
  { ...tenantExample, admin_key: { ...keyExample, role: 'admin', key: 'hk_…' } },
);

export const tenantInputSchema = component(
  'TenantInput',
  {
    type: 'object',
    additionalProperties: false,
    required: ['name'],
    properties: { name, ...settings, quotas },
  },
  { name: 'acme', contacts: ['ops@example.com'] },
);

export const tenantPatchSchema = component(
  'TenantPatch',
  {
    type: 'object',
    description: 'A merge patch (RFC 7396): null sets a member back to its default.',
    additionalProperties: false,
    properties: Object.fromEntries(
      Object.entries({ ...settings, quotas }).map(([member, schema]) => [member, orNull(schema)]),
    ),
  },
  { control_name: 'Acme', quotas: { subscriptions_max: 2_000, credentials_max: null } },
);
