/** A JSON Schema, of the keywords that draft 7 and 2020-12 have in common. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, JsonSchema>>;
  readonly title?: string;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly enum?: readonly string[];
  readonly allOf?: readonly JsonSchema[];
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly pattern?: string;
}

const text = (description: string): JsonSchema => ({ type: 'string', description });

/**
 * What several events speak of. Members that are not named here are allowed everywhere: agents know
 * more than a catalogue does. A member that is unknown is left out; null is not taken for one.
 */
export const dataDefinitions = {
  id: {
    description: 'An id of the system that the event came from, as a text or a whole number',
    type: ['string', 'integer'],
    minLength: 1,
    maxLength: 256,
  },
  named: {
    description: 'Something known by an id and a name',
    type: 'object',
    properties: { id: { $ref: '#/$defs/id' }, name: text('What people call it') },
  },
  server: {
    description: 'The server (the virtual machine) that the event is about',
    type: 'object',
    required: ['server_id'],
    properties: {
      server_id: { $ref: '#/$defs/id' },
      name: text('What people call the server'),
      status: text('What the server is after the event, for instance "running" or "stopped"'),
      ip: text('The main IPv4 or IPv6 address'),
      uuid: text('The UUID of the domain, where server_id is something else'),
      hypervisor: { $ref: '#/$defs/hypervisor' },
      owner: { $ref: '#/$defs/user' },
      error: { $ref: '#/$defs/error' },
      duration: { $ref: '#/$defs/duration' },
    },
  },
  hypervisor: {
    description: 'A host that servers run on',
    type: 'object',
    properties: {
      id: { $ref: '#/$defs/id' },
      name: text('Its host name'),
      ip: text('Its address'),
    },
  },
  user: {
    description: 'A user of the platform',
    type: 'object',
    properties: {
      id: { $ref: '#/$defs/id' },
      name: text('The name or login'),
      email: text('The e-mail address'),
    },
  },
  error: {
    description: 'What went wrong, as a sentence or with a code',
    type: ['string', 'object'],
    properties: {
      code: { type: ['string', 'integer'] },
      message: text('A sentence for people'),
    },
  },
  duration: { description: 'Milliseconds', type: 'number', minimum: 0 },
  bytes: { description: 'Bytes', type: 'integer', minimum: 0 },
  backup: {
    description: 'A backup, and where it lies',
    type: 'object',
    properties: {
      id: { $ref: '#/$defs/id' },
      job: { $ref: '#/$defs/id' },
      location: text('The storage it was written to'),
      size_bytes: { $ref: '#/$defs/bytes' },
    },
  },
  migration: {
    description: 'A move from one hypervisor to another',
    type: 'object',
    properties: {
      from: { $ref: '#/$defs/hypervisor' },
      to: { $ref: '#/$defs/hypervisor' },
      live: { description: 'Whether the server ran all the while', type: 'boolean' },
      progress: { description: 'Percent', type: 'number', minimum: 0, maximum: 100 },
    },
  },
  resources: {
    description: 'What a server has been given',
    type: 'object',
    properties: {
      cpus: { type: 'integer', minimum: 1 },
      memory_bytes: { $ref: '#/$defs/bytes' },
      disk_bytes: { $ref: '#/$defs/bytes' },
    },
  },
  payment: {
    description: 'A payment',
    type: 'object',
    properties: {
      id: { $ref: '#/$defs/id' },
      amount: {
        description: 'A decimal number as a text, since binary fractions lose cents',
        type: 'string',
        pattern: '^-?[0-9]+([.][0-9]+)?$',
      },
      currency: { description: 'ISO 4217', type: 'string', pattern: '^[A-Z]{3}$' },
      invoice: { $ref: '#/$defs/id' },
    },
  },
} as const satisfies Readonly<Record<string, JsonSchema>>;
