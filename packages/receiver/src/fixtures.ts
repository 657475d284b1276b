import { type AcceptedEvent, cloudEventJson, formatSequence } from '@hookline/contracts';
import {
  getFormat,
  type RenderedWebhook,
  virtfusionAuthorization,
} from '@hookline/webhook-formats';
import { signStandardWebhook } from '@hookline/webhook-signature';
import type { ReceivedFormat } from './events/events.ts';

/** For tests: the secret that everything is signed with, unless told otherwise. */
export const SECRET = 'your_webhook_secret';

export interface SentWebhook {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface SendOptions {
  /** Default: `standard`. */
  readonly format?: ReceivedFormat;
  /** Changes to the event, a server that started. */
  readonly event?: Partial<AcceptedEvent>;
  /** Newest first. */
  readonly secrets?: readonly string[];
  /** When it is signed. Default: now. */
  readonly nowMs?: number;
  readonly webhookId?: string;
  readonly attempt?: number;
  readonly options?: Readonly<Record<string, string>>;
  /** Sent as VirtFusion does. */
  readonly bearerToken?: string;
}

/** For tests: the event of CDHosting's page, with changes. */
export function sampleEvent(change: Partial<AcceptedEvent> = {}): AcceptedEvent {
  return {
    id: 'evt_01jhm3k0gcf0fr2q3n3zt4c6x7',
    tenant: 'default',
    position: 42n,
    source: '/hosts/node-1',
    type: 'server.started',
    time: '2025-01-15T10:30:00Z',
    recordedAt: new Date('2025-01-15T10:30:01.500Z'),
    subject: 'srv_abc123',
    phase: 'post',
    status: 'success',
    sequence: 7n,
    extensions: { actor: 'api' },
    data: '{"server_id":"srv_abc123","name":"production-web-01","status":"running","ip":"192.168.1.100"}',
    ...change,
  };
}

/** For tests: a request as the dispatcher sends it, rendered and signed by the same packages. */
export function sentWebhook(options: SendOptions = {}): SentWebhook {
  const { secrets = [SECRET], nowMs = Date.now(), attempt = 1, bearerToken } = options;
  const { webhookId: id = 'dlv_01jhm3k0gcf0fr2q3n3zt4c6x7' } = options;
  const event = sampleEvent(options.event);
  const { body, contentType, headers } = render(event, { ...options, secrets });
  const timestampSeconds = Math.floor(nowMs / 1000);
  return {
    body,
    headers: {
      'content-type': contentType,
      'user-agent': 'Hookline/0.1.0',
      'webhook-id': id,
      'webhook-timestamp': String(timestampSeconds),
      'webhook-signature': signStandardWebhook({ id, timestampSeconds, body, secrets }),
      traceparent: '00-da9a915d6fa04a1c6533b201a227985d-a412174d812a78b0-00',
      'hookline-event-id': event.id,
      'hookline-subscription-id': 'sub_01jhm3k0gcf0fr2q3n3zt4c6x7',
      'hookline-sequence': formatSequence(event.sequence),
      'hookline-attempt': String(attempt),
      ...(bearerToken !== undefined && { authorization: virtfusionAuthorization(bearerToken) }),
      ...headers,
    },
  };
}

function render(
  event: AcceptedEvent,
  { format = 'standard', options = {}, secrets = [] }: SendOptions,
): RenderedWebhook {
  if (format === 'cloudevents') return structured(event);
  if (format === 'cloudevents-binary') return binary(event);
  const rendered = getFormat(format)?.render(event, {
    subscriptionId: 'sub_01jhm3k0gcf0fr2q3n3zt4c6x7',
    hookId: 12,
    options,
    secrets,
    controlDomain: 'cp.example.com',
    controlName: 'Example Cloud',
    controlSupportLink: 'https://example.com/support',
  });
  if (rendered === undefined) throw new Error(`format ${format} does not send ${event.type}`);
  return rendered;
}

/** CloudEvents 1.0, HTTP binding 3.2, written here by the specification alone. */
function structured(event: AcceptedEvent): RenderedWebhook {
  const contentType = 'application/cloudevents+json; charset=utf-8';
  return { body: cloudEventJson(event), contentType, headers: {} };
}

/** CloudEvents 1.0, HTTP binding 3.1: what is not printable ASCII is percent-encoded, `%` and `"` too. */
function binary(event: AcceptedEvent): RenderedWebhook {
  const { data, datacontenttype, ...attributes } = JSON.parse(cloudEventJson(event));
  const encode = (value: string) =>
    value.replace(/[^\x21\x23-\x24\x26-\x7e]/gu, (character) => encodeURIComponent(character));
  const headers = Object.entries(attributes).map(([name, value]) => [
    `ce-${name}`,
    encode(String(value)),
  ]);
  return { body: event.data, contentType: datacontenttype, headers: Object.fromEntries(headers) };
}
