import { createHash } from 'node:crypto';
import type { EventByFormat, ReceivedFormat } from './events/events.ts';
import { firstHeader, type HeaderMap, type HeadersLike, readHeaders } from './headers.ts';
import { parseEvent } from './parse-event.ts';
import { bytesOf, type RawBody, textOf } from './raw-body.ts';
import { type ReceiverOptions, readOptions, type Settings } from './receiver-options.ts';
import { checkBearer } from './signatures/bearer.ts';
import { checkHexHmac } from './signatures/hex-hmac.ts';
import { checkStandardWebhooks, type SignedIds } from './signatures/standard-webhooks.ts';
import { WebhookError } from './webhook-error.ts';

/** A request as it came. */
export interface WebhookRequest {
  readonly headers: HeadersLike;
  /** The raw body, before any parsing. */
  readonly body: RawBody;
}

/** A request whose sender and bytes are vouched for, taken apart. */
export interface VerifiedWebhook<Format extends ReceivedFormat = 'standard'> {
  /**
   * What to recognise a repeat by: `webhook-id`, the same for every attempt of a delivery and for
   * its replays. Where Standard Webhooks is not asked for, that header could be anybody's: then it
   * is the event's id, and where the body has none either, the body's SHA-256.
   */
  readonly id: string;
  readonly event: EventByFormat[Format];
  /** The body's text, for data whose numbers must keep their spelling. */
  readonly text: string;
  /** When this attempt was signed; only where Standard Webhooks is asked for. */
  readonly signedAt?: Date;
  /** The number of this attempt, from 1. This and what follows are headers, which nobody signs. */
  readonly attempt?: number;
  readonly eventId?: string;
  readonly subscriptionId?: string;
  /** 20 digits, rising per server. */
  readonly sequence?: string;
  readonly traceparent?: string;
}

export type Verdict<Format extends ReceivedFormat = 'standard'> =
  | { readonly kind: 'verified'; readonly webhook: VerifiedWebhook<Format> }
  | { readonly kind: 'refused'; readonly error: WebhookError };

/** Verifies the webhooks of one subscription. */
export interface WebhookReceiver<Format extends ReceivedFormat = 'standard'> {
  /** Verifies a request and takes it apart; throws for nothing that a request may hold. */
  verify(request: WebhookRequest): Verdict<Format>;
}

/**
 * A receiver for the webhooks of one subscription. Throws RangeError when the options could never
 * work, with what is wrong with them: better at the start than at the first webhook.
 */
export function createReceiver<Format extends ReceivedFormat = 'standard'>(
  options: ReceiverOptions<Format>,
): WebhookReceiver<Format> {
  const settings = readOptions(options);
  return {
    verify(request) {
      try {
        const webhook = verified(request, settings) as VerifiedWebhook<Format>;
        return { kind: 'verified', webhook };
      } catch (error) {
        if (error instanceof WebhookError) return { kind: 'refused', error };
        throw error;
      }
    },
  };
}

/** Verifies one request; throws WebhookError when it is refused. */
export function verifyWebhook<Format extends ReceivedFormat = 'standard'>(
  request: WebhookRequest,
  options: ReceiverOptions<Format>,
): VerifiedWebhook<Format> {
  const verdict = createReceiver(options).verify(request);
  if (verdict.kind === 'refused') throw verdict.error;
  return verdict.webhook;
}

function verified(request: WebhookRequest, settings: Settings): VerifiedWebhook<ReceivedFormat> {
  const headers = readHeaders(request.headers);
  const body = bytesOf(request.body);
  const signed = checkProofs({ headers, body }, settings);
  const text = textOf(body);
  const event = parseEvent(settings.format, text, headers);
  return {
    id:
      signed?.webhookId ??
      ('id' in event ? event.id : createHash('sha256').update(body).digest('hex')),
    event,
    text,
    ...(signed !== undefined && { signedAt: signed.timestamp }),
    ...idsOf(headers, event),
  };
}

/** Every proof that is asked for must hold. Answers what Standard Webhooks vouches for, if it is. */
function checkProofs(
  { headers, body }: { headers: HeaderMap; body: Uint8Array },
  settings: Settings,
): SignedIds | undefined {
  const { keys, bearer, toleranceMs } = settings;
  let signed: SignedIds | undefined;
  if (settings.proofs.has('bearer') && bearer !== undefined) checkBearer(headers, bearer);
  if (settings.proofs.has('hex-hmac')) {
    const headerName = settings.signatureHeader;
    checkHexHmac({ headers, headerName, body, secrets: keys.characters });
  }
  if (settings.proofs.has('standard-webhooks')) {
    signed = checkStandardWebhooks({ headers, body, keys, nowMs: settings.now(), toleranceMs });
  }
  return signed;
}

/** What the body says is signed and goes before what a header says. */
function idsOf(headers: HeaderMap, event: EventByFormat[ReceivedFormat]) {
  const attempt = firstHeader(headers, 'hookline-attempt') ?? '';
  const eventId = 'id' in event ? event.id : firstHeader(headers, 'hookline-event-id');
  const subscriptionId = firstHeader(headers, 'hookline-subscription-id');
  const sequence =
    ('sequence' in event ? event.sequence : undefined) ?? firstHeader(headers, 'hookline-sequence');
  const traceparent = firstHeader(headers, 'traceparent');
  return {
    ...(/^[1-9]\d{0,8}$/.test(attempt) && { attempt: Number(attempt) }),
    ...(eventId !== undefined && { eventId }),
    ...(subscriptionId !== undefined && { subscriptionId }),
    ...(sequence !== undefined && { sequence }),
    ...(traceparent !== undefined && { traceparent }),
  };
}
