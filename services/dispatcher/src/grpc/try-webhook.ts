import {
  checkEventType,
  DomainError,
  type FieldViolation,
  GrpcEvent,
  GrpcPhase,
  GrpcStatus,
  isObjectText,
  Subscription,
  type TryWebhookRequest,
  type TryWebhookResponse,
} from '@hookline/contracts';
import { requireRole, type Sealer } from '@hookline/credentials';
import { appendNewStreams, type Database, toAttemptMessage } from '@hookline/event-log';
import type { OutboundPolicy, SafeHttpClient } from '@hookline/safe-http';
import { type GrpcCall, metadataOfCall, reasonOf } from '@hookline/service-runtime';
import {
  checkSubscription,
  refuseFaults,
  type TenantSettings,
  toSubscriptionRequest,
} from '@hookline/subscriptions';
import { generateSecret } from '@hookline/webhook-signature';
import { attemptUrl } from '../attempt-url.ts';
import { toAttemptRow } from '../postgres/attempt-row.ts';
import { renderTrial, sendTrial, type Trial, type TrialRequest } from '../trial.ts';
import { version } from '../version.ts';

export interface TryDeps {
  readonly database: Database;
  readonly sealer: Sealer;
  readonly dispatcherId: string;
  readonly client: SafeHttpClient;
  readonly policy: OutboundPolicy;
}

/** Trials being sent by one dispatcher; one more is refused. */
const SENDING_MAX = 16;
const DATA_BYTES_MAX = 64 * 1024;
const SUBJECT_MAX = 1_000;
/** Where a trial that is not sent would go; a service of its own takes nothing but its own address. */
const PLACES: Readonly<Record<string, string>> = {
  slack: 'https://hooks.slack.com/services/T00000000/B00000000/000000000000000000000000',
  discord: 'https://discord.com/api/webhooks/100000000000000000/token',
  'google-chat': 'https://chat.googleapis.com/v1/spaces/AAAA/messages?key=key&token=token',
  pushover: 'https://api.pushover.net/1/messages.json',
  telegram: 'https://api.telegram.org/bot100000:token/sendMessage',
};
const ANY_PLACE = 'https://receiver.example.com/webhooks';

/** TryWebhook: the request that a subscription would send, without a subscription or an event. */
export function createTryWebhook(deps: TryDeps) {
  let sending = 0;

  return async (request: TryWebhookRequest, call: GrpcCall): Promise<TryWebhookResponse> => {
    const { caller } = call;
    requireRole(caller, request.send ? 'editor' : 'viewer');
    const trial = await readTrial(deps, caller.tenant, request);
    const made = renderTrial(trial, { userAgent: `Hookline/${version}` });
    if (made === undefined) throw cannotTell(trial);
    if (!request.send) return toResponse(made, trial);
    if (sending >= SENDING_MAX) {
      const detail = `${SENDING_MAX} trials are being sent; try again in a moment`;
      throw new DomainError('resource_exhausted', detail, { retryAfterMs: 1_000 });
    }
    sending += 1;
    try {
      await putOnRecord(deps, made, call);
      const sent = await sendTrial(made, deps.client);
      if (sent === undefined) throw new DomainError('unavailable', 'nothing was sent; try again');
      const row = toAttemptRow(sent, deps.dispatcherId);
      return { ...toResponse(made, trial), attempt: toAttemptMessage(row) };
    } finally {
      sending -= 1;
    }
  };
}

/**
 * Where a trial goes and who sends it, without what it says. Before it is sent: one that cannot be put on
 * record goes nowhere. It is found by the id of its delivery, which the receiver gets as well.
 */
async function putOnRecord(
  { database, sealer }: TryDeps,
  { delivery }: TrialRequest,
  call: GrpcCall,
): Promise<void> {
  const { subscription, entry } = delivery;
  const url = attemptUrl(subscription);
  const data = { url, format: subscription.format, eventType: entry.event.type };
  const metadata = await metadataOfCall(call, { sealer });
  const sent = { stream: `trial:${delivery.id}`, event: { type: 'TrialSent', data }, metadata };
  await database.kysely
    .transaction()
    .execute((transaction) => appendNewStreams(transaction, [sent]));
}

async function readTrial(
  { database, policy }: TryDeps,
  tenant: string,
  request: TryWebhookRequest,
): Promise<Trial> {
  const event = request.event ?? GrpcEvent.create();
  const wanted = toSubscriptionRequest(request.subscription ?? Subscription.create());
  const secret = wanted.secret || generateSecret();
  const place = request.send ? '' : (PLACES[wanted.format ?? ''] ?? ANY_PLACE);
  const asked = { ...wanted, url: wanted.url || place, filter: { types: ['*'] }, secret };
  const checked = checkSubscription(asked, policy);
  const faults = checked.kind === 'faulty' ? checked.faults : [];
  const all = [...faults.map(under('subscription')), ...eventFaults(event).map(under('event'))];
  if (checked.kind === 'faulty' || all.length > 0) throw refuseFaults(all);
  return {
    tenant,
    settings: checked.settings,
    secret,
    tenantSettings: await readTenantSettings(database, tenant),
    event: toTrialEvent(event),
    now: new Date(),
  };
}

const under = (parent: string) => (fault: FieldViolation) => ({
  field: `${parent}.${fault.field}`,
  detail: fault.detail,
});

function eventFaults({ type, data, subject }: GrpcEvent): FieldViolation[] {
  const faults: FieldViolation[] = [];
  try {
    checkEventType(type);
  } catch (error) {
    faults.push({ field: 'type', detail: reasonOf(error) });
  }
  if (Buffer.byteLength(data) > DATA_BYTES_MAX) {
    faults.push({ field: 'data', detail: `is larger than ${DATA_BYTES_MAX} bytes` });
  } else if (!isObjectText(data)) {
    faults.push({ field: 'data', detail: 'is not a JSON object; give one, such as {}' });
  }
  if (subject.length > SUBJECT_MAX) {
    faults.push({ field: 'subject', detail: `is longer than ${SUBJECT_MAX} characters` });
  }
  return faults;
}

function toTrialEvent({ type, data, subject, phase, status }: GrpcEvent): Trial['event'] {
  const event = { type, data, ...(subject !== '' && { subject }) };
  if (phase === GrpcPhase.PHASE_PRE) return { ...event, phase: 'pre' };
  return {
    ...event,
    phase: 'post',
    status: status === GrpcStatus.STATUS_FAIL ? 'fail' : 'success',
  };
}

async function readTenantSettings({ kysely }: Database, tenant: string): Promise<TenantSettings> {
  const row = await kysely
    .selectFrom('hookline.tenant')
    .select(['control_domain', 'control_name', 'control_support_link'])
    .where('name', '=', tenant)
    .executeTakeFirstOrThrow();
  return {
    controlDomain: row.control_domain,
    controlName: row.control_name,
    controlSupportLink: row.control_support_link,
    contacts: [],
  };
}

function cannotTell({ settings, event }: Trial): DomainError {
  const detail = `the format "${settings.format}" cannot tell this event (${event.type}, phase ${event.phase}), and a subscription with it never gets it; choose another`;
  return new DomainError('invalid_argument', detail, {
    fields: [{ field: 'event.type', detail }],
  });
}

function toResponse(made: TrialRequest, { secret }: Trial): TryWebhookResponse {
  const { request } = made;
  const { body = '' } = request;
  return {
    headers: Object.entries(request.headers ?? {}).map(([name, value]) => ({ name, value })),
    body: typeof body === 'string' ? body : Buffer.from(body).toString(),
    secret,
    publicKey: made.publicKey ?? '',
    url: request.url,
    attempt: undefined,
  };
}
