import { defineCommand, defineSpec } from '../command/command.ts';
import { flag, list, required, value } from '../command/option.ts';
import { choice, decimal, id, integer, text } from '../command/value-types.ts';
import { paging, requestId } from './common.ts';

const TEN = 'ten_01m80mhnh3e85tvw1gzgw007n1';
const COUNT_MAX = 1_000_000_000;

const settings = {
  'control-name': value(text('name'), 'the name to show', { field: 'tenant.control_name' }),
  'control-domain': value(text('host'), 'the host name of its control panel', {
    field: 'tenant.control_domain',
  }),
  'support-link': value(text('url'), 'where its customers find help', {
    field: 'tenant.control_support_link',
  }),
  contact: list(text('email', 'an e-mail address'), 'who is told about trouble', {
    field: 'tenant.contacts',
  }),
  'event-type': list(text('type'), 'an event type of its own', {
    field: 'tenant.custom_event_types',
  }),
  'subscriptions-max': value(integer(0, COUNT_MAX), 'subscriptions at most', {
    field: 'tenant.quotas.subscriptions_max',
  }),
  'events-per-second': value(decimal(0, COUNT_MAX), 'events a second at most', {
    field: 'tenant.quotas.events_per_second_max',
  }),
  'requests-per-second': value(decimal(0, COUNT_MAX), 'calls a second at most, of each key', {
    field: 'tenant.quotas.requests_per_second_max',
  }),
  'credentials-max': value(integer(0, COUNT_MAX), 'API keys and agent credentials at most', {
    field: 'tenant.quotas.credentials_max',
  }),
};

export const createSpec = defineSpec({
  name: 'tenants create',
  summary: 'Creates a tenant and its first admin key, which is shown now and never again',
  arguments: {
    name: required(
      text('name', '1 to 40 of a-z, 0-9 and -'),
      'its name in NATS subjects, for ever',
      {
        field: 'tenant.name',
      },
    ),
  },
  options: {
    ...settings,
    strict: flag('refuse events that the catalogue does not know'),
    'request-id': requestId,
  },
  examples: [{ line: 'tenants create shop --contact ops@example.com', note: 'a customer' }],
});

export const listSpec = defineSpec({
  name: 'tenants list',
  summary: 'Lists tenants by name: all of them for the operator, else one’s own',
  arguments: {},
  options: {
    name: value(text('name'), 'only the one with this name', { field: 'name' }),
    ...paging,
  },
  examples: [{ line: 'tenants list --json', note: 'with their quotas' }],
});

export const getSpec = defineSpec({
  name: 'tenants get',
  summary: 'Shows a tenant',
  arguments: { id: required(id('ten'), 'the tenant', { field: 'id' }) },
  options: {},
  examples: [{ line: `tenants get ${TEN}`, note: 'one tenant' }],
});

export const CLEARABLE = [
  'control_name',
  'control_domain',
  'control_support_link',
  'contacts',
  'custom_event_types',
  'quotas',
  'quotas.subscriptions_max',
  'quotas.events_per_second_max',
  'quotas.requests_per_second_max',
  'quotas.credentials_max',
] as const;

export const updateSpec = defineSpec({
  name: 'tenants update',
  summary: 'Changes a tenant: what is named, and nothing else',
  arguments: { id: required(id('ten'), 'the tenant', { field: 'tenant.id' }) },
  options: {
    ...settings,
    'strict-event-types': value(
      choice(['true', 'false']),
      'whether events that the catalogue does not know are refused',
      {
        field: 'tenant.strict_event_types',
      },
    ),
    clear: list(choice(CLEARABLE), 'set this back to its default'),
    etag: value(text('etag'), 'only if this is still its version', { field: 'tenant.etag' }),
  },
  examples: [
    { line: `tenants update ${TEN} --subscriptions-max 500 --clear contacts`, note: 'a quota' },
  ],
});

export const deleteSpec = defineSpec({
  name: 'tenants delete',
  summary: 'Deletes a tenant with everything it has; there is no way back',
  arguments: { id: required(id('ten'), 'the tenant', { field: 'id' }) },
  options: {
    'confirm-name': required(text('name'), 'its name, so that none is deleted by mistake', {
      field: 'confirm_name',
    }),
    etag: value(text('etag'), 'only if this is still its version', { field: 'etag' }),
  },
  examples: [{ line: `tenants delete ${TEN} --confirm-name shop`, note: 'for ever' }],
});

const runners = () => import('../run/tenants.ts');

export const tenantCommands = {
  name: 'tenants',
  summary: 'Manage the customers of the installation',
  commands: [
    defineCommand(createSpec, async () => (await runners()).createTenant),
    defineCommand(listSpec, async () => (await runners()).listTenants),
    defineCommand(getSpec, async () => (await runners()).getTenant),
    defineCommand(updateSpec, async () => (await runners()).updateTenant),
    defineCommand(deleteSpec, async () => (await runners()).deleteTenant),
  ],
};
