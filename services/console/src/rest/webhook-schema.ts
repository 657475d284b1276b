import { GrpcPhase, GrpcStatus, State } from '@hookline/contracts';
import type { JsonSchema } from './describe-route.ts';
import { exampleIds, exampleTime } from './examples.ts';
import { retrySchema } from './retry.ts';
import {
  about,
  component,
  instantOrNone,
  oneOf,
  orNull,
  text,
  textOrNone,
  texts,
  textsByName,
} from './schema-parts.ts';

const authSchema = {
  type: 'object',
  description:
    'How to authenticate at the endpoint, besides the signature: one of the three. Credentials are never answered.',
  additionalProperties: false,
  minProperties: 1,
  maxProperties: 1,
  properties: {
    bearer: {
      type: 'object',
      additionalProperties: false,
      required: ['token'],
      properties: { token: text, base64: { type: 'boolean' } },
    },
    basic: {
      type: 'object',
      additionalProperties: false,
      required: ['username'],
      properties: { username: text, password: text },
    },
    header: {
      type: 'object',
      additionalProperties: false,
      required: ['name', 'value'],
      properties: { name: text, value: text },
    },
  },
} as const;

const URL = about(text, 'Where requests go: https, at a public address. Its query is kept.');
const EVENTS = about(
  { ...texts, minItems: 1 },
  'Event types, or patterns such as `server.*`; one of them must match.',
);

/** What may be changed afterwards and left out: all but `url` and `events`. */
const optionalMembers = {
  format: about(
    { ...text, minLength: 1 },
    'How requests look, such as `standard`, `cdhosting` (the default over REST), `virtfusion`, `xen-orchestra`.',
  ),
  retry: retrySchema,
  statuses: about(
    { ...texts, items: oneOf(GrpcStatus, 'STATUS_') },
    'How the operation ended. None: `success` alone.',
  ),
  phases: about({ ...texts, items: oneOf(GrpcPhase, 'PHASE_') }, 'None: `post` alone.'),
  description: about(text, 'A note for people.'),
  headers: about(textsByName, 'Further request headers by name.'),
  auth: authSchema,
  options: about(textsByName, 'Options of the format, such as `signature_header`.'),
  notification_emails: about(texts, 'Who is told by e-mail when it is disabled.'),
} as const;

// What the values may be is the service's to check, so that REST and gRPC refuse alike; here are
// the shapes, and that nothing unknown is sent.
export const webhookInputSchema = component(
  'WebhookInput',
  {
    type: 'object',
    additionalProperties: false,
    required: ['url', 'events'],
    properties: {
      url: URL,
      events: EVENTS,
      secret: about(
        { ...text, minLength: 8, maxLength: 256 },
        'The signing secret. Without it, Hookline makes one and shows it in this answer only.',
      ),
      ...optionalMembers,
    },
  },
  {
    url: 'https://yourapp.com/webhooks/cdhosting',
    events: ['server.started', 'server.stopped', 'server.error'],
    secret: 'your_webhook_secret',
  },
);

const { auth, ...mergedMembers } = optionalMembers;

export const webhookPatchSchema = component(
  'WebhookPatch',
  {
    type: 'object',
    description: 'A merge patch (RFC 7396): null sets a member back to its default.',
    additionalProperties: false,
    properties: {
      url: URL,
      events: EVENTS,
      ...Object.fromEntries(
        Object.entries(mergedMembers).map(([name, schema]) => [name, orNull(schema)]),
      ),
      // Nothing of its credential is ever answered, so there is nothing to merge into: it is
      // replaced as a whole, or removed.
      auth: { ...auth, type: ['object', 'null'] },
    },
  },
  { events: ['server.*'], headers: { 'X-Shop': '7', 'X-Old': null }, description: null },
);

const answeredAuth = {
  type: 'object',
  description: 'The method, without its credential.',
  additionalProperties: false,
  properties: {
    bearer: {
      type: 'object',
      additionalProperties: false,
      properties: { base64: { type: 'boolean' } },
    },
    basic: { type: 'object', additionalProperties: false, properties: { username: text } },
    header: { type: 'object', additionalProperties: false, properties: { name: text } },
  },
} as const;

const answeredMembers = {
  id: about(text, 'The id, `sub_…`.'),
  url: URL,
  events: about(texts, 'Event types and patterns.'),
  format: about(text, 'How requests look.'),
  state: about(
    oneOf(State, 'STATE_'),
    'While paused, deliveries wait. While disabled, none are made.',
  ),
  disabled_reason: about(textOrNone, 'Why it is disabled, else null.'),
  retry: retrySchema,
  created_at: instantOrNone,
  updated_at: instantOrNone,
  etag: about(text, 'The version, for `If-Match`.'),
} as const;

const webhookExample = {
  id: exampleIds.webhook,
  url: 'https://yourapp.com/webhooks/cdhosting',
  events: ['server.started', 'server.stopped', 'server.error'],
  format: 'cdhosting',
  state: 'active',
  disabled_reason: null,
  retry: { preset: 'cdhosting' },
  created_at: exampleTime,
  updated_at: exampleTime,
  etag: '1',
};

function webhookWith(title: string, more: Record<string, JsonSchema>, example: object = {}) {
  const { format: _, retry: __, auth: ___, ...shown } = optionalMembers;
  return component(
    title,
    {
      type: 'object',
      additionalProperties: false,
      required: Object.keys(answeredMembers),
      properties: { ...answeredMembers, ...more, ...shown, auth: answeredAuth },
    },
    { ...webhookExample, ...example },
  );
}

const secret = about(text, 'The signing secret, only if Hookline made it, and never again.');
const missed_since = about(
  instantOrNone,
  'Since when it had been disabled: a replay from then on delivers what was missed.',
);

/** A webhook as it is read. */
export const webhookSchema = webhookWith('Webhook', {});
/** A webhook as it is answered when it is made. */
export const createdWebhookSchema = webhookWith('CreatedWebhook', { secret });
/** A webhook that a change may have enabled again. */
export const changedWebhookSchema = webhookWith('ChangedWebhook', { missed_since });
/** A webhook with a new secret. */
export const rotatedWebhookSchema = webhookWith(
  'RotatedWebhook',
  { secret, overlap_ends_at: about(instantOrNone, 'When the old secrets stop signing.') },
  { secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', overlap_ends_at: exampleTime },
);

/** The body of `rotate-secret`. */
export const rotateSecretSchema = component(
  'RotateSecret',
  {
    type: 'object',
    additionalProperties: false,
    properties: {
      secret: about(
        { ...text, minLength: 8, maxLength: 256 },
        'The new secret. Without it, Hookline makes one.',
      ),
      overlap_seconds: about(
        { type: 'number', minimum: 0, maximum: 604_800 },
        'How long the old secrets sign as well. Default 24 h, at most 7 days.',
      ),
    },
  },
  { overlap_seconds: 3600 },
);
