export { type Answer, type AnswerOptions, answerWebhook } from './answer-webhook.ts';
export type {
  EventData,
  HypervisorData,
  Ipv4Data,
  Ipv6Data,
  JsonObject,
  ServerCreatedData,
  ServerData,
  SystemBackupData,
  UserData,
} from './events/event-data.ts';
export { isKnownEventType, type KnownEventType, knownEventTypes } from './events/event-types.ts';
export type {
  CdhostingEnvelope,
  CdhostingEvent,
  EventByFormat,
  HooklineEnvelope,
  HooklineEvent,
  ReceivedFormat,
  VirtfusionEvent,
  XenOrchestraEvent,
  XenOrchestraPostEvent,
  XenOrchestraPreEvent,
} from './events/events.ts';
export type { HeadersLike, WebHeaders } from './headers.ts';
export type { RawBody } from './raw-body.ts';
export { BODY_BYTES_MAX, type ReadRawBodyOptions, readRawBody } from './read-raw-body.ts';
export {
  createReceiver,
  type Verdict,
  type VerifiedWebhook,
  verifyWebhook,
  type WebhookReceiver,
  type WebhookRequest,
} from './receiver.ts';
export type { Proof, ReceiverOptions } from './receiver-options.ts';
export { createSeenIds, type OnceOutcome, type SeenIds, type SeenIdsOptions } from './seen-ids.ts';
export { WebhookError, type WebhookErrorCode } from './webhook-error.ts';
