import type { JsonSchema } from './event-data-definitions.ts';

/** What the data of several event types look like, with an example that fits. */
export interface DataShape {
  readonly schema: JsonSchema;
  readonly example: Readonly<Record<string, unknown>>;
}

const ref = (name: string): JsonSchema => ({ $ref: `#/$defs/${name}` });
const anyObject = (description: string): JsonSchema => ({ type: 'object', description });

const SERVER = {
  server_id: 'srv_abc123',
  name: 'production-web-01',
  status: 'running',
  ip: '192.168.1.100',
} as const;
const NODE_1 = { id: 1, name: 'node-1' } as const;
const NODE_2 = { id: 2, name: 'node-2' } as const;

/** A server with further members of the event. */
function serverWith(
  properties: Readonly<Record<string, JsonSchema>>,
  example: Readonly<Record<string, unknown>>,
): DataShape {
  return {
    schema: { allOf: [ref('server'), { type: 'object', properties }] },
    example: { ...SERVER, ...example },
  };
}

/** An object with members of its own. */
function objectWith(
  required: readonly string[],
  properties: Readonly<Record<string, JsonSchema>>,
  example: Readonly<Record<string, unknown>>,
): DataShape {
  return { schema: { type: 'object', required, properties }, example };
}

const addresses = (keys: readonly string[]): JsonSchema => ({
  type: 'object',
  properties: Object.fromEntries(keys.map((key) => [key, anyObject(`The ${key}, where known`)])),
});

export const dataShapes = {
  server: serverWith({}, {}),
  provisioning: serverWith(
    {
      args: anyObject('What was asked for'),
      allocation: anyObject('What was given'),
      resources: ref('resources'),
    },
    { resources: { cpus: 2, memory_bytes: 4_294_967_296, disk_bytes: 53_687_091_200 } },
  ),
  ipv4: serverWith(
    { ipv4: addresses(['block', 'ip']) },
    { ipv4: { ip: { address: '192.168.1.101' } } },
  ),
  ipv6: serverWith(
    { ipv6: addresses(['block', 'subnet', 'ip', 'routeBlock', 'routeSubnet']) },
    { ipv6: { subnet: { address: '2001:db8:1::', cidr: 64 } } },
  ),
  media: serverWith({ media: ref('named') }, { media: { id: 4, name: 'debian-13.iso' } }),
  bootOrder: serverWith(
    { boot_order: { type: 'array', items: { type: 'string' } } },
    { boot_order: ['disk', 'cd', 'network'] },
  ),
  migration: serverWith(
    { migration: ref('migration') },
    { migration: { from: NODE_1, to: NODE_2, live: true } },
  ),
  backup: {
    // A job over several servers is one event about none of them.
    schema: { type: 'object', properties: { server_id: ref('id'), backup: ref('backup') } },
    example: { ...SERVER, backup: { id: 'bkp_1', job: 'nightly', size_bytes: 21_474_836_480 } },
  },
  failure: serverWith({}, { status: 'error', error: { code: 28, message: 'No space left' } }),
  ioError: serverWith(
    { disk: { type: 'string', description: 'The disk that failed' } },
    { disk: 'vda', error: 'No space left on the storage' },
  ),
  watchdog: serverWith(
    { action: { type: 'string', description: 'What the hypervisor did about it' } },
    { action: 'reset' },
  ),
  settings: serverWith(
    { changes: anyObject('The settings that changed, with their new values') },
    { changes: { description: 'Front end' } },
  ),
  resources: serverWith(
    { before: ref('resources'), after: ref('resources') },
    { before: { cpus: 2 }, after: { cpus: 4 } },
  ),
  renaming: serverWith(
    { name_before: { type: 'string', description: 'What it was called before' } },
    { name_before: 'web-01' },
  ),
  snapshot: serverWith({ snapshot: ref('named') }, { snapshot: { id: 'snap_1', name: 'before' } }),
  device: serverWith(
    {
      device: {
        type: 'object',
        properties: {
          id: ref('id'),
          kind: { type: 'string', description: 'For instance "disk", "network", "pci", "vgpu"' },
        },
      },
    },
    { device: { id: 'vdb', kind: 'disk' } },
  ),
  user: {
    schema: {
      allOf: [ref('user'), { type: 'object', required: ['id'], properties: { id: ref('id') } }],
    },
    example: { id: 9, name: 'Ada Example', email: 'ada@example.com' },
  },
  userChange: objectWith(
    ['after'],
    { before: ref('user'), after: ref('user') },
    { before: { id: 9, name: 'Ada' }, after: { id: 9, name: 'Ada Example' } },
  ),
  systemBackup: objectWith(
    ['log'],
    { log: { type: ['object', 'string'], description: 'What the backup said' } },
    { log: { file: 'backup-2025-01-15.tar.gz', size_bytes: 1_048_576 } },
  ),
  hypervisor: objectWith(['hypervisor'], { hypervisor: ref('hypervisor') }, { hypervisor: NODE_1 }),
  hypervisorStatus: objectWith(
    ['type', 'hypervisor'],
    {
      type: { type: 'string', description: 'What it became, for instance "offline" or "online"' },
      hypervisor: ref('hypervisor'),
    },
    { type: 'offline', hypervisor: NODE_1 },
  ),
  payment: objectWith(
    ['payment'],
    { payment: ref('payment'), user: ref('user'), error: ref('error') },
    { payment: { id: 'pay_1', amount: '12.50', currency: 'EUR', invoice: 'inv_1' } },
  ),
  billedSubscription: objectWith(
    ['subscription'],
    {
      subscription: ref('named'),
      user: ref('user'),
      ends_at: { type: 'string', description: 'RFC 3339, when it ends' },
    },
    { subscription: { id: 'plan_1', name: 'VPS M' }, ends_at: '2025-02-01T00:00:00Z' },
  ),
  subscriptionTrouble: objectWith(
    ['subscription_id'],
    {
      subscription_id: ref('id'),
      description: { type: 'string', description: 'What people call the subscription' },
      url: { type: 'string', description: 'Its endpoint, tokens and query left out' },
      reason: { type: 'string', description: 'Why it was disabled' },
      cause: { type: 'string', description: 'The code of the cause, such as "http_500"' },
      error: { type: 'string', description: 'How its last attempt failed' },
      incident_id: { type: 'string', description: 'The incident it belongs to' },
      disabled_at: { type: 'string', description: 'RFC 3339, when it was disabled' },
      missed_since: {
        type: 'string',
        description: 'RFC 3339, when enabled again: a replay from here delivers what was missed',
      },
      how: { type: 'string', description: 'How it was enabled again: "probe", or "hand"' },
    },
    { subscription_id: 'sub_1', reason: 'no delivery succeeded for 5 days', cause: 'http_500' },
  ),
  deadDelivery: objectWith(
    ['delivery_id', 'subscription_id'],
    {
      delivery_id: ref('id'),
      subscription_id: ref('id'),
      event_id: ref('id'),
      event_type: { type: 'string', description: 'The type of its event' },
      server_id: ref('id'),
      cause: { type: 'string', description: 'The code of the cause, such as "timeout"' },
      error: { type: 'string', description: 'How its last attempt failed' },
      attempts_count: { type: 'integer', description: 'How many attempts there were' },
      incident_id: { type: 'string', description: 'The incident it belongs to' },
    },
    {
      delivery_id: 'dlv_1',
      subscription_id: 'sub_1',
      event_type: 'server.started',
      cause: 'timeout',
    },
  ),
  rejectedMessage: objectWith(
    ['rejected_id'],
    {
      rejected_id: ref('id'),
      code: { type: 'string', description: 'A stable code, such as "type_mismatch"' },
      reason: { type: 'string', description: 'What is wrong, in words' },
      channel: { type: 'string', description: 'The way it came: "nats" or "http"' },
      address: { type: 'string', description: 'Where it was published' },
      host: { type: 'string', description: 'The host that published it' },
      incident_id: { type: 'string', description: 'The incident it belongs to' },
    },
    { rejected_id: 'rej_1', code: 'invalid_json', reason: 'it is not JSON', channel: 'nats' },
  ),
} as const satisfies Readonly<Record<string, DataShape>>;

/** The name of a shape of data. */
export type DataShapeName = keyof typeof dataShapes;
