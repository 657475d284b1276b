export {
  ATTRIBUTE_LENGTH_MAX,
  type CloudEvent,
  checkedText,
  cloudEventJson,
  EXTENSIONS_MAX,
  isRfc3339,
  looksLikeCloudEvent,
  readCloudEvent,
} from './cloud-event.ts';
export { ContractError } from './contract-error.ts';
export {
  DomainError,
  type DomainErrorCode,
  type DomainErrorOptions,
  type FieldViolation,
} from './domain-error.ts';
export {
  type AcceptedEvent,
  type EventDraft,
  type EventExtensions,
  type EventStatus,
  formatSequence,
  type Phase,
} from './event.ts';
export {
  type DispatchableEvent,
  decodeEventBatch,
  encodeEventBatch,
  lineOf,
  splitIntoBatches,
  subjectOfLine,
} from './event-batch.ts';
export { eventDataSchema, exampleEventData } from './event-data.ts';
export type { JsonSchema } from './event-data-definitions.ts';
export type { DataShapeName } from './event-data-shapes.ts';
export { checkTypePattern, compileTypePattern } from './event-matching.ts';
export {
  canonicalFromCdhosting,
  canonicalFromVirtfusion,
  canonicalFromXenOrchestra,
  carriedThroughType,
  cdhostingFromCanonical,
  type ReportedCall,
  typeFromName,
  typePatternFromVirtfusion,
  VIRTFUSION_CATCH_ALL,
  virtfusionFromCanonical,
  virtfusionFromTypePattern,
  xenOrchestraFromCanonical,
} from './event-type-names.ts';
export {
  type EventType,
  eventTypes,
  findEventType,
  type VirtfusionName,
  type XenOrchestraCall,
} from './event-types.ts';
export * from './grpc.ts';
export { durationFromMs, durationToMs, isValidDuration } from './grpc-duration.ts';
export { enumText, enumTexts, enumValue } from './grpc-enum.ts';
export {
  type GrpcFieldViolation,
  readErrorMetadata,
  readErrorReason,
  readFieldViolations,
  readRetryAfterMs,
  type ServiceErrorInput,
  toServiceError,
} from './grpc-errors.ts';
export { deliveryId, type IdPrefix, idTimeMs, isId, newId } from './ids.ts';
export {
  isObjectText,
  membersOf,
  objectText,
  replaceMembers,
  withoutMembers,
} from './json-members.ts';
export { elementTexts, type JsonMember, memberText, topLevelMembers } from './json-text.ts';
export { ABOUT_SUBSCRIPTION, isAboutItself, isOwnType } from './operational-event.ts';
export {
  decodePingReply,
  decodePingRequest,
  encodePing,
  PING_TYPE,
  PING_WAIT_MS_MAX,
  type PingReply,
  type PingRequest,
} from './ping.ts';
export {
  createRedaction,
  createRedactionWith,
  isSensitiveName,
  type Redaction,
  redactSensitive,
} from './redaction.ts';
export { loadReflectionPackage, type ReflectionPackage } from './reflection.ts';
export {
  decodeResubmitReply,
  decodeResubmitRequest,
  encodeResubmit,
  RESUBMIT_WAIT_MS_MAX,
  type ResubmitReply,
  type ResubmitRequest,
} from './resubmit.ts';
export {
  advisoryStream,
  EVENT_BATCH_BYTES_MAX,
  EVENT_BATCH_EVENTS_MAX,
  INGEST_MESSAGE_BYTES_MAX,
  type StreamDefinition,
  streamDefinitions,
} from './streams.ts';
export {
  agentSubject,
  checkEventType,
  HEARTBEAT_TYPE,
  type IngestAddress,
  inboxPrefix,
  ingestHeaders,
  ingestSubject,
  isHostName,
  isInboxOf,
  isTenantName,
  parseIngestSubject,
  subjects,
  TYPE_LENGTH_MAX,
} from './subjects.ts';
export { cleanXenOrchestraCall, withoutStack } from './xen-orchestra-call.ts';
