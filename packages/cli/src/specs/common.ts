import { flag, list, value } from '../command/option.ts';
import { choice, id, integer, text, time } from '../command/value-types.ts';

/** The words of the protos' enums; a test holds them against those. */
export const STATUSES = ['success', 'fail'] as const;
export const PHASES = ['pre', 'post'] as const;
export const SUBSCRIPTION_STATES = ['active', 'paused', 'disabled'] as const;
export const ORDERINGS = ['none', 'per_server'] as const;
export const RETRY_PRESETS = ['standard', 'cdhosting', 'none'] as const;
export const DELIVERY_STATES = [
  'pending',
  'scheduled',
  'succeeded',
  'dead',
  'cancelled',
  'expired',
] as const;
export const OUTCOMES = [
  'succeeded',
  'http_error',
  'redirect',
  'gone',
  'throttled',
  'timeout',
  'connection_failed',
  'tls_failed',
  'dns_failed',
  'address_refused',
  'response_too_large',
  'unknown',
] as const;
export const REPLAY_STATES = ['queued', 'running', 'completed', 'cancelled', 'failed'] as const;
export const DEAD_LETTER_STATES = ['open', 'redriving', 'delivered', 'discarded'] as const;
export const REJECTED_STATES = ['open', 'resubmitted'] as const;
export const INCIDENT_STATES = ['open', 'resolved'] as const;
export const INCIDENT_KINDS = [
  'deliveries_dead',
  'subscription_disabled',
  'ingest_rejected',
  'outbox_stuck',
  'ordered_head_stuck',
  'projection_lagging',
  'agent_silent',
  'broker_advisory',
  'notification_failed',
] as const;
export const ROLES = ['admin', 'editor', 'viewer', 'publisher'] as const;
export const FORMATS = [
  'standard',
  'cdhosting',
  'cloudevents',
  'cloudevents-binary',
  'virtfusion',
  'xen-orchestra',
  'office365',
  'slack',
  'discord',
  'google-chat',
  'pushover',
  'telegram',
] as const;

/** Options of every list. */
export const paging = {
  limit: value(integer(1, 100_000), 'how many to show', { fallback: '50' }),
  'page-token': value(text('token'), 'where to go on, as the list before said', {
    field: 'page_token',
  }),
};

export const range = {
  from: value(time(), 'only from this time on', { field: 'start_time' }),
  to: value(time(), 'only before this time', { field: 'end_time' }),
};

export const pattern = text('type', 'an event type or a pattern such as server.*');

export const eventTypes = list(pattern, 'only of these event types', { field: 'event_types' });
export const outcomes = list(choice(OUTCOMES), 'only with these outcomes', { field: 'outcomes' });
export const subject = value(text('server'), 'only about this server', { field: 'subject' });
export const statuses = list(choice(STATUSES), 'only that ended so', { field: 'statuses' });
export const phases = list(choice(PHASES), 'only of this phase', { field: 'phases' });

export const subscriptionId = id('sub');
export const deliveryId = id('dlv');
export const eventId = id('evt');

export const requestId = value(
  text('id'),
  'makes the call repeatable: a second one gets the first one’s answer',
  {
    field: 'request_id',
  },
);

export const tenant = value(text('name'), 'another tenant than that of the key; for the operator', {
  field: 'tenant',
});

export const includeInactive = flag('also those that are revoked or have expired');
