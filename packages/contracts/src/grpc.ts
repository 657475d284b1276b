/**
 * The public face of the generated gRPC code: messages, enums, service definitions and clients of
 * `hookline.v1`. Four have a twin in the domain and carry `Grpc` before their name.
 */
export type { Duration } from './gen/google/protobuf/duration.ts';
export {
  AdminServiceClient,
  type AdminServiceServer,
  AdminServiceService,
  CreateAgentCredentialRequest,
  CreateAgentCredentialResponse,
  CreateApiKeyRequest,
  CreateApiKeyResponse,
  CreateTenantRequest,
  CreateTenantResponse,
  DeleteTenantRequest,
  DeleteTenantResponse,
  GetAgentCredentialRequest,
  GetAgentCredentialResponse,
  GetApiKeyRequest,
  GetApiKeyResponse,
  GetCallerRequest,
  GetCallerResponse,
  GetTenantRequest,
  GetTenantResponse,
  ListAgentCredentialsRequest,
  ListAgentCredentialsResponse,
  ListApiKeysRequest,
  ListApiKeysResponse,
  ListAuditRequest,
  ListAuditResponse,
  ListTenantsRequest,
  ListTenantsResponse,
  RevokeAgentCredentialRequest,
  RevokeAgentCredentialResponse,
  RevokeApiKeyRequest,
  RevokeApiKeyResponse,
  UpdateTenantRequest,
  UpdateTenantResponse,
} from './gen/hookline/v1/admin_service.ts';
export { AgentCredential } from './gen/hookline/v1/agent_credential.ts';
export {
  ApiKey,
  Role,
} from './gen/hookline/v1/api_key.ts';
export {
  AuditActor,
  AuditEntry,
} from './gen/hookline/v1/audit.ts';
export {
  DeadLetter,
  DeadLetterCause,
  DeadLetterState,
} from './gen/hookline/v1/dead_letter.ts';
export {
  DeadLetterFilter,
  DeadLetterIds,
  DeadLetterSelection,
} from './gen/hookline/v1/dead_letter_selection.ts';
export {
  DeadLetterServiceClient,
  type DeadLetterServiceServer,
  DeadLetterServiceService,
  DiscardDeadLettersRequest,
  DiscardDeadLettersResponse,
  GetDeadLetterRequest,
  GetDeadLetterResponse,
  ListDeadLettersRequest,
  ListDeadLettersResponse,
  ListIncidentsRequest,
  ListIncidentsResponse,
  ListRejectedRequest,
  ListRejectedResponse,
  RedriveDeadLettersRequest,
  RedriveDeadLettersResponse,
  ResubmitHeaders,
  ResubmitHeaders_HeadersEntry,
  ResubmitRejectedRequest,
  ResubmitRejectedResponse,
} from './gen/hookline/v1/dead_letter_service.ts';
export {
  Attempt,
  Delivery,
  DeliveryState,
  Outcome,
} from './gen/hookline/v1/delivery.ts';
export {
  CancelReplayRequest,
  CancelReplayResponse,
  CreateReplayRequest,
  CreateReplayResponse,
  DeliveryServiceClient,
  type DeliveryServiceServer,
  DeliveryServiceService,
  GetDeliveryRequest,
  GetDeliveryResponse,
  GetEventRequest,
  GetEventResponse,
  GetOverviewRequest,
  GetOverviewResponse,
  GetReplayRequest,
  GetReplayResponse,
  ListDeliveriesRequest,
  ListDeliveriesResponse,
  ListEventsRequest,
  ListEventsResponse,
  ListReplaysRequest,
  ListReplaysResponse,
  RetryDeliveryRequest,
  RetryDeliveryResponse,
  SkipOrderedHeadRequest,
  SkipOrderedHeadResponse,
  TailAttemptsRequest,
  TailAttemptsResponse,
  TailGap,
  TailHeartbeat,
  TryWebhookRequest,
  TryWebhookResponse,
  WebhookHeader,
} from './gen/hookline/v1/delivery_service.ts';
export {
  Event as GrpcEvent,
  Event_ExtensionsEntry,
  NewEvent,
  NewEvent_ExtensionsEntry,
  Phase as GrpcPhase,
  Status as GrpcStatus,
} from './gen/hookline/v1/event.ts';
export {
  EventType as GrpcEventType,
  SourceName,
} from './gen/hookline/v1/event_type.ts';
export {
  AttributeExpression,
  AttributeExpressionList,
  AttributeValues,
  AttributeValues_ValuesEntry,
  Filter,
} from './gen/hookline/v1/filter.ts';
export {
  Incident,
  IncidentKind,
  IncidentState,
  Notification,
  NotificationState,
} from './gen/hookline/v1/incident.ts';
export {
  Acceptance,
  IngestServiceClient,
  type IngestServiceServer,
  IngestServiceService,
  PublishEventRequest,
  PublishEventResponse,
  PublishEventsRequest,
  PublishEventsResponse,
  PublishResult,
  Rejection,
} from './gen/hookline/v1/ingest_service.ts';
export { Overview, OverviewStretch } from './gen/hookline/v1/overview.ts';
export {
  RejectedMessage,
  RejectedMessage_HeadersEntry,
  RejectedState,
} from './gen/hookline/v1/rejected_message.ts';
export {
  EventSelection,
  Replay,
  ReplayProgress,
  ReplayState,
} from './gen/hookline/v1/replay.ts';
export {
  RetryPolicy,
  RetryPreset,
} from './gen/hookline/v1/retry_policy.ts';
export {
  Auth,
  BasicAuth,
  BearerAuth,
  HeaderAuth,
  Ordering,
  RateLimit,
  State,
  Subscription,
  Subscription_HeadersEntry,
  Subscription_OptionsEntry,
  Warning,
} from './gen/hookline/v1/subscription.ts';
export {
  AttemptStatistics,
  BlockedLine,
  BreakerState,
  OutcomeCount,
  SubscriptionHealth,
} from './gen/hookline/v1/subscription_health.ts';
export {
  CreateSubscriptionRequest,
  CreateSubscriptionResponse,
  DeleteSubscriptionRequest,
  DeleteSubscriptionResponse,
  GetSubscriptionHealthRequest,
  GetSubscriptionHealthResponse,
  GetSubscriptionRequest,
  GetSubscriptionResponse,
  ListEventTypesRequest,
  ListEventTypesResponse,
  ListSubscriptionsRequest,
  ListSubscriptionsResponse,
  PauseSubscriptionRequest,
  PauseSubscriptionResponse,
  PingSubscriptionRequest,
  PingSubscriptionResponse,
  ResumeSubscriptionRequest,
  ResumeSubscriptionResponse,
  RotateSecretRequest,
  RotateSecretResponse,
  SubscriptionChange,
  SubscriptionChangeKind,
  SubscriptionServiceClient,
  type SubscriptionServiceServer,
  SubscriptionServiceService,
  UpdateSubscriptionRequest,
  UpdateSubscriptionResponse,
  WatchHeartbeat,
  WatchSubscriptionsRequest,
  WatchSubscriptionsResponse,
} from './gen/hookline/v1/subscription_service.ts';
export {
  Tenant,
  TenantQuotas,
} from './gen/hookline/v1/tenant.ts';
export { durationFromMs, durationToMs, isValidDuration } from './grpc-duration.ts';
export { enumText, enumTexts, enumValue } from './grpc-enum.ts';
export { loadReflectionPackage, type ReflectionPackage } from './reflection.ts';
