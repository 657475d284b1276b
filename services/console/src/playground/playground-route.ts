import {
  DeliveryServiceService,
  enumTexts,
  enumValue,
  GrpcEvent,
  GrpcPhase,
  GrpcStatus,
  type TryWebhookResponse,
} from '@hookline/contracts';
import type { FastifyInstance } from 'fastify';
import type { GrpcClients } from '../grpc-clients.ts';
import { toAttemptJson } from '../rest/delivery-json.ts';
import { type AuthInput, toSubscription } from '../rest/webhook-input.ts';
import { webhookInputSchema } from '../rest/webhook-schema.ts';

interface TrialInput {
  readonly format: string;
  readonly url?: string;
  readonly secret?: string;
  readonly options?: Readonly<Record<string, string>>;
  readonly auth?: AuthInput;
  readonly event: {
    readonly type: string;
    /** JSON text, kept as it is written. */
    readonly data: string;
    readonly subject?: string;
    readonly phase?: string;
    readonly status?: string;
  };
  readonly send?: boolean;
}

const text = { type: 'string', maxLength: 2_000 } as const;
const { options, auth } = (webhookInputSchema as unknown as { properties: Record<string, object> })
  .properties;

const body = {
  type: 'object',
  additionalProperties: false,
  required: ['format', 'event'],
  properties: {
    format: text,
    url: text,
    secret: text,
    options,
    auth,
    event: {
      type: 'object',
      additionalProperties: false,
      required: ['type', 'data'],
      properties: {
        type: text,
        data: { type: 'string', maxLength: 65_536 },
        subject: text,
        phase: { type: 'string', enum: enumTexts(GrpcPhase, 'PHASE_') },
        status: { type: 'string', enum: enumTexts(GrpcStatus, 'STATUS_') },
      },
    },
    send: { type: 'boolean' },
  },
};

/** `POST /console/playground`: the request that an event would make, sent if asked to. */
export function registerPlayground(app: FastifyInstance, { deliveries }: GrpcClients): void {
  app.post<{ Body: TrialInput }>(
    '/console/playground',
    { config: { keyed: true }, schema: { body } },
    async (request) => {
      const asked = {
        subscription: toSubscription({ url: '', events: [], ...subscriptionOf(request.body) }),
        event: eventOf(request.body),
        send: request.body.send ?? false,
      };
      const method = DeliveryServiceService.tryWebhook;
      return toJson(await deliveries.call(request, method, asked));
    },
  );
}

function subscriptionOf({ event: _, send: __, ...rest }: TrialInput) {
  return rest;
}

function eventOf({ event }: TrialInput): GrpcEvent {
  return GrpcEvent.fromPartial({
    type: event.type,
    data: event.data,
    subject: event.subject ?? '',
    phase: enumValue(GrpcPhase, 'PHASE_', event.phase ?? 'post') ?? GrpcPhase.PHASE_POST,
    status: enumValue(GrpcStatus, 'STATUS_', event.status ?? '') ?? GrpcStatus.STATUS_UNSPECIFIED,
  });
}

function toJson({ url, headers, body: sent, secret, publicKey, attempt }: TryWebhookResponse) {
  return {
    url,
    headers,
    body: sent,
    secret,
    public_key: publicKey === '' ? null : publicKey,
    attempt: attempt === undefined ? null : toAttemptJson(attempt),
  };
}
