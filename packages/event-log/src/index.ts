export {
  type AggregateEvent,
  appendToStream,
  type EventMetadata,
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
export { type Database, type DatabaseOptions, openDatabase } from './database.ts';
export {
  APPEND_ROWS_MAX,
  type AppendOutcome,
  appendOrRefuse,
  createEventAppender,
} from './event-appender.ts';
export { createGroupCommit, type GroupCommit, QueueFullError } from './group-commit.ts';
export { idempotencyKey, ownKey } from './idempotency-key.ts';
export { acquireLease, type Lease, releaseLease } from './lease.ts';
export { checkSchema, migrate, schemaVersion } from './migrate.ts';
export { findUnsettled, takeStale } from './outbox.ts';
export { ensurePartitions } from './partitions.ts';
export {
  type AttemptRow,
  listAttemptsById,
  listAttemptsOfDelivery,
  listLatestAttempts,
} from './read-attempts.ts';
export { listEvents, readEvents } from './read-events.ts';
export { insertRejected, type RejectedMessage } from './rejected.ts';
export type { HooklineSchema } from './schema.ts';
