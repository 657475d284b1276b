export { type Acted, actOnRecord, type Statements } from './act-on-record.ts';
export {
  type AggregateEvent,
  appendNewStreams,
  appendToStream,
  type EventAttributes,
  type EventMetadata,
  type NewStream,
  readStream,
  VersionConflictError,
} from './aggregate-store.ts';
export {
  type Appended,
  type AppendOptions,
  appendEvents,
  type EventToAppend,
  type Fence,
  FencedError,
} from './append-events.ts';
export { toAttemptMessage } from './attempt-message.ts';
export { canAppend } from './can-append.ts';
export { type Database, type DatabaseOptions, openDatabase } from './database.ts';
export {
  type DeadLetterQuery,
  type DeadLetterStateText,
  deadLetterCondition,
  deadLetterConditionText,
  queryOfFilter,
  queryOfSelection,
} from './dead-letter-query.ts';
export { type Decider, foldEvents } from './decider.ts';
export {
  createDeciderRunner,
  type DeciderRunner,
  type DeciderRunnerOptions,
  type EventCodec,
  type Loaded,
  type Outcome,
  type Run,
} from './decider-runner.ts';
export {
  APPEND_ROWS_MAX,
  type AppendOutcome,
  appendOrRefuse,
  appendWhole,
  createEventAppender,
} from './event-appender.ts';
export { toEventMessage } from './event-message.ts';
export { createEventStore, type EventStore } from './event-store.ts';
export { checkpointAtEnd, checkpointBefore } from './find-checkpoint.ts';
export { createGroupCommit, type GroupCommit, QueueFullError } from './group-commit.ts';
export { idempotencyKey, ownKey } from './idempotency-key.ts';
export {
  acquireLease,
  type Lease,
  type LeaseRequest,
  type LeaseState,
  leaseState,
  releaseLease,
} from './lease.ts';
export { type EventsPage, type EventsQuery, listEvents } from './list-events.ts';
export { raiseLogEpochAfterRestore } from './log-epoch.ts';
export {
  checkpointOf,
  compareCheckpoints,
  LOG_START,
  type LogCheckpoint,
  type LoggedEvent,
} from './logged-event.ts';
export { createMemoryEventStore } from './memory-event-store.ts';
export { checkSchema, migrate, SchemaTooNewError, schemaVersion } from './migrate.ts';
export { findUnsettled, takeStale } from './outbox.ts';
export { ensurePartitions, withPartitions } from './partitions.ts';
export {
  type DropResult,
  dropPartition,
  type ExpiredPartition,
  findExpiredPartitions,
  findRetentionBoundary,
  type Retention,
} from './partitions-retention.ts';
export {
  checkProjection,
  type ProjectionCheck,
  type TableCheck,
} from './projections/check-projection.ts';
export {
  createProjection,
  type Projection,
  type ProjectionTarget,
} from './projections/projection.ts';
export {
  createProjectionRunner,
  type ProjectionRunner,
  type ProjectionRunnerOptions,
  ProjectionVersionError,
} from './projections/projection-runner.ts';
export { ProjectionBusyError, rebuildProjection } from './projections/rebuild-projection.ts';
export { serverProjection } from './projections/server-projection.ts';
export { readAggregates } from './read-aggregates.ts';
export {
  type AttemptRow,
  listAttemptsById,
  listAttemptsOfDelivery,
  listLatestAttempts,
} from './read-attempts.ts';
export { readEvents } from './read-events.ts';
export { type LogPage, PAGE_EVENTS, readLog, readStreamEvents } from './read-log.ts';
export {
  type AttemptToRecord,
  attemptColumns,
  insertAttempts,
  replayColumn,
  settleWithAttempts,
} from './record-attempts.ts';
export { insertRejected, type RejectedMessage } from './rejected.ts';
export {
  type AnswerSealer,
  claimRequest,
  fingerprintOf,
  forgetRequests,
  keepResponse,
  type RepeatableCall,
} from './request-memory.ts';
export type { HooklineSchema } from './schema.ts';
export { type LogTail, tailLog } from './tail-log.ts';
export {
  createUpcasters,
  UnknownSchemaVersionError,
  type Upcaster,
  type Upcasters,
} from './upcasters.ts';
