import {
  type Acceptance,
  ContractError,
  DomainError,
  IngestServiceService,
  type NewEvent,
  type PublishResult,
  type Rejection,
} from '@hookline/contracts';
import { requireRole } from '@hookline/credentials';
import type { AppendOutcome, EventToAppend } from '@hookline/event-log';
import { type GrpcCall, type GrpcService, grpcService } from '@hookline/service-runtime';
import { parseTraceparent } from '@hookline/telemetry';
import { readGrpcPublication } from '../domain/publication.ts';
import type { EventChecks } from '../event-checks.ts';
import type { GatewayMetrics } from '../gateway-metrics.ts';
import type { Publishing } from '../publishing.ts';

/** Most events of one PublishEvents call, which is also one append. */
const EVENTS_MAX = 500;

export interface IngestServiceOptions {
  readonly publishing: Publishing;
  readonly checks: EventChecks;
  readonly metrics: GatewayMetrics;
}

/** IngestService: PublishEvent and PublishEvents, answered after the commit. */
export function ingestService(options: IngestServiceOptions): GrpcService {
  const { publishing, checks, metrics } = options;

  /** The event to append, or why it is refused; `path` leads to the event within the request. */
  const readFit = (event: NewEvent | undefined, call: GrpcCall, path?: string) => {
    const read = readAt(event, call, path);
    if ('code' in read) return read;
    const unfit = checks.unfitness(read, 'grpc');
    return unfit === undefined ? read : { ...unfit, field: under(path, unfit.field) };
  };

  return grpcService(IngestServiceService, {
    async publishEvent({ event }, call) {
      requireRole(call.caller, 'publisher');
      await checks.know(call.caller.tenant);
      const read = readFit(event, call, 'event');
      const [outcome] = 'code' in read ? [] : await publishing.accept([read], 'grpc');
      const result = 'code' in read ? read : resultOf(outcome);
      if (!('code' in result)) return { acceptance: result };
      if ('code' in read) metrics.rejected('grpc', 1);
      const { field, reason } = result;
      const fields = field === '' ? [] : [{ field, detail: reason }];
      throw new DomainError('invalid_argument', reason, { fields });
    },

    async publishEvents({ events }, call) {
      requireRole(call.caller, 'publisher');
      checkCount(events.length);
      await checks.know(call.caller.tenant);
      const reads = events.map((event) => readFit(event, call));
      const sound = reads.filter((read): read is EventToAppend => !('code' in read));
      metrics.rejected('grpc', reads.length - sound.length);
      const outcomes = await publishing.accept(sound, 'grpc');
      let next = 0;
      const results = reads.map((read, index): PublishResult => {
        const result = 'code' in read ? read : resultOf(outcomes[next++]);
        const sourceId = events[index]?.id ?? '';
        return 'code' in result
          ? { sourceId, result: { $case: 'rejected', value: result } }
          : { sourceId, result: { $case: 'accepted', value: result } };
      });
      return { results };
    },
  });
}

function checkCount(count: number): void {
  if (count >= 1 && count <= EVENTS_MAX) return;
  const detail = `has ${count} events; send 1 to ${EVENTS_MAX}`;
  throw new DomainError('invalid_argument', `events ${detail}`, {
    fields: [{ field: 'events', detail }],
  });
}

function under(path: string | undefined, field: string | undefined): string {
  return [path, field].filter((part) => part !== undefined && part !== '').join('.');
}

function readAt(
  event: NewEvent | undefined,
  call: GrpcCall,
  path?: string,
): EventToAppend | Rejection {
  if (event === undefined) {
    return {
      code: 'missing_field',
      reason: 'event is missing; send one',
      field: under(path, undefined),
    };
  }
  try {
    const { tenant, keyId } = call.caller;
    const { traceparent } = parseTraceparent(call.traceparent) ?? call.span.context;
    const context = { tenant, keyId, traceparent, nowMs: Date.now() };
    return readGrpcPublication(event, context);
  } catch (error) {
    if (!(error instanceof ContractError)) throw error;
    return { code: error.code, reason: error.message, field: under(path, error.field) };
  }
}

function resultOf(outcome: AppendOutcome | undefined): Acceptance | Rejection {
  if (outcome === undefined) throw new Error('an append without an outcome');
  switch (outcome.kind) {
    case 'appended':
      return { eventId: outcome.event.id, position: outcome.event.position, duplicate: false };
    case 'repeated':
      return { eventId: outcome.eventId, position: outcome.position, duplicate: true };
    case 'refused':
      return { code: outcome.code, reason: outcome.reason, field: '' };
  }
}
