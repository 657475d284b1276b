import {
  DomainError,
  decodeResubmitRequest,
  encodeResubmit,
  INGEST_MESSAGE_BYTES_MAX,
  type ResubmitReply,
  type ResubmitRequest,
} from '@hookline/contracts';
import type { AppendOutcome, Database, EventToAppend } from '@hookline/event-log';
import { reasonOf } from '@hookline/service-runtime';
import type { Logger } from '@hookline/telemetry';
import type { EventChecks } from './event-checks.ts';
import type { Channel } from './gateway-metrics.ts';
import type { Publishing } from './publishing.ts';
import { lockRejected, type RejectedRow, resolveRejected } from './rejected-row.ts';
import { resubmittedEvents } from './resubmitted-events.ts';
import type { TenantDirectory } from './tenant-directory.ts';

export interface ResubmitDeps {
  readonly database: Database;
  readonly publishing: Pick<Publishing, 'acceptWhole'>;
  readonly checks: EventChecks;
  readonly directory: Pick<TenantDirectory, 'get'>;
  readonly redact: (json: string) => string;
  readonly logger: Logger;
}

/** Questions under way; each holds a connection while its event is appended on another. */
const UNDER_WAY_MAX = 4;

/**
 * Answers questions to put a rejected message in again. The message is locked, its event appended
 * under its own key, and then it is noted as done: a crash in between leaves it open, and the next
 * call finds the event that was made.
 */
export function createResubmitter(deps: ResubmitDeps): (question: string) => Promise<string> {
  let underWay = 0;
  return async (question) => {
    const request = decodeResubmitRequest(question);
    if (request === undefined) return encodeResubmit({ kind: 'failed' });
    if (underWay >= UNDER_WAY_MAX) return encodeResubmit(busy('too many are being put in', 500));
    underWay += 1;
    try {
      return encodeResubmit(await resubmit(deps, request));
    } catch (error) {
      if (error instanceof DomainError && error.code === 'resource_exhausted') {
        return encodeResubmit(busy(error.message, error.retryAfterMs ?? 1_000));
      }
      const { rejectedId } = request;
      deps.logger.warn({ err: error, rejected_id: rejectedId }, `not put in: ${reasonOf(error)}`);
      return encodeResubmit({ kind: 'failed' });
    } finally {
      underWay -= 1;
    }
  };
}

function busy(reason: string, retryAfterMs: number): ResubmitReply {
  return { kind: 'busy', reason, retryAfterMs };
}

function resubmit(deps: ResubmitDeps, request: ResubmitRequest): Promise<ResubmitReply> {
  return deps.database.kysely.transaction().execute(async (transaction) => {
    const row = await lockRejected(transaction, request);
    if (row === undefined) return { kind: 'not_found' };
    const obstacle = obstacleTo(row, request);
    if (obstacle !== undefined) return { kind: 'refused', reason: obstacle };
    await deps.checks.know(request.tenant);
    if (deps.directory.get(request.tenant) === undefined) {
      return { kind: 'refused', reason: `there is no tenant "${request.tenant}"; create it first` };
    }
    const read = readFit(deps, row, request);
    if (read.kind === 'fault') return invalid(read);
    const outcomes = await deps.publishing.acceptWhole(read.events, row.channel as Channel);
    const [first] = outcomes;
    if (first === undefined) return invalid({ code: 'empty', reason: 'it holds no event' });
    if (first.kind === 'refused') return invalid(first);
    const accepted = acceptedOf(first);
    await resolveRejected(transaction, {
      rejectedId: row.rejected_id,
      eventId: accepted.eventId,
      corrected: correctedOf(request),
      metadata: {
        tenant: request.tenant,
        actor: request.actor,
        ...(request.attributes !== undefined && { attributes: request.attributes }),
      },
    });
    return accepted;
  });
}

/** Why it cannot be put in whatever its content is. */
function obstacleTo(row: RejectedRow, { payload }: ResubmitRequest): string | undefined {
  if (row.resolved_at !== null) return 'the message was put in before';
  if (payload !== undefined) return undefined;
  if (row.payload_bytes > INGEST_MESSAGE_BYTES_MAX) {
    return `of its ${row.payload_bytes} bytes only the first ${INGEST_MESSAGE_BYTES_MAX} were kept; send the payload to use instead`;
  }
  if (row.payload_bytes > 0 && row.payload.length === 0) {
    return 'its payload was not kept, since it could not be told what in it is secret; send the payload to use instead';
  }
  return undefined;
}

type ReadFit =
  | { readonly kind: 'events'; readonly events: readonly EventToAppend[] }
  | {
      readonly kind: 'fault';
      readonly code: string;
      readonly field?: string | undefined;
      readonly reason: string;
    };

/** Its events, if they pass every check that they would have to pass when published now. */
function readFit(
  { checks, redact }: ResubmitDeps,
  row: RejectedRow,
  request: ResubmitRequest,
): ReadFit {
  const read = resubmittedEvents(row, request, redact);
  if (read.kind === 'fault') return read;
  for (const event of read.events) {
    const unfit = checks.unfitness(event, row.channel as Channel);
    if (unfit !== undefined) return { kind: 'fault', ...unfit };
  }
  return read;
}

function invalid(fault: {
  readonly code: string;
  readonly field?: string | undefined;
  readonly reason: string;
}): ResubmitReply {
  const { code, field = '', reason } = fault;
  return { kind: 'invalid', code, field, reason };
}

function acceptedOf(outcome: Exclude<AppendOutcome, { kind: 'refused' }>) {
  return outcome.kind === 'appended'
    ? ({
        kind: 'accepted',
        eventId: outcome.event.id,
        position: String(outcome.event.position),
        duplicate: false,
      } as const)
    : ({
        kind: 'accepted',
        eventId: outcome.eventId,
        position: String(outcome.position),
        duplicate: true,
      } as const);
}

function correctedOf(request: ResubmitRequest): string[] {
  return (['type', 'payload', 'headers'] as const).filter((name) => request[name] !== undefined);
}
