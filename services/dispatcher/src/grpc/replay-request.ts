import { DomainError, type FieldViolation, isId, type Replay } from '@hookline/contracts';
import { readFilterMessage, type SubscriptionFilter } from '@hookline/subscriptions';

/** A replay as it is asked for; the filter is checked by whoever knows the subscription's format. */
export interface ReplayRequest {
  readonly subscriptionId: string;
  readonly startAt: Date;
  readonly endAt: Date;
  readonly filter: SubscriptionFilter | undefined;
  readonly undeliveredOnly: boolean;
  readonly description: string;
  readonly deliveriesPerSecond: number | undefined;
}

const DESCRIPTION_MAX = 500;
const PACE_MIN = 0.1;
const PACE_MAX = 10_000;

/**
 * Reads what CreateReplay asks for. `keptFrom` is the time before which events have been dropped.
 * Throws DomainError `invalid_argument` that names every faulty field, with what is out of range.
 */
export function readReplayRequest(
  replay: Replay | undefined,
  { now, keptFrom }: { readonly now: Date; readonly keptFrom: Date | undefined },
): ReplayRequest {
  const source = replay?.source;
  if (replay === undefined || source === undefined) {
    throw invalid([
      { field: 'replay.events', detail: 'is missing; say which events to deliver again' },
    ]);
  }
  if (source.$case !== 'events') {
    throw invalid([
      {
        field: 'replay.dead_letters',
        detail: 'is output only; RedriveDeadLetters tries dead letters again',
      },
    ]);
  }
  const { subscriptionId, startTime, endTime, filter, undeliveredOnly } = source.value;
  const endAt = endTime ?? now;
  const faults = [
    ...checkSubscriptionId(subscriptionId),
    ...checkRange({ startTime, endAt, now, keptFrom }),
    ...checkDescription(replay.description),
    ...checkPace(replay.deliveriesPerSecond),
  ];
  if (faults.length > 0 || startTime === undefined) throw invalid(faults);
  return {
    subscriptionId,
    startAt: startTime,
    endAt,
    filter: filter && readFilterMessage(filter),
    undeliveredOnly,
    description: replay.description,
    deliveriesPerSecond: replay.deliveriesPerSecond,
  };
}

function checkSubscriptionId(id: string): FieldViolation[] {
  if (isId('sub', id)) return [];
  const field = 'replay.events.subscription_id';
  return [{ field, detail: `is "${id}"; send the id of a subscription, such as sub_01h…` }];
}

function checkRange(range: {
  readonly startTime: Date | undefined;
  readonly endAt: Date;
  readonly now: Date;
  readonly keptFrom: Date | undefined;
}): FieldViolation[] {
  const { startTime, endAt, now, keptFrom } = range;
  const start = 'replay.events.start_time';
  const end = 'replay.events.end_time';
  if (startTime === undefined) return [{ field: start, detail: 'is missing; say from when on' }];
  const faults: FieldViolation[] = [];
  if (keptFrom !== undefined && startTime < keptFrom) {
    const kept = keptFrom.toISOString();
    const detail = `is ${startTime.toISOString()}, past the retention time: events before ${kept} have been dropped; begin at ${kept} or later`;
    faults.push({ field: start, detail });
  }
  if (endAt > now) {
    const detail = `is ${endAt.toISOString()}, which is yet to come; leave it out to replay up to now`;
    faults.push({ field: end, detail });
  }
  if (startTime >= endAt) {
    const detail = `is ${startTime.toISOString()}; it must be before the end, ${endAt.toISOString()}`;
    faults.push({ field: start, detail });
  }
  return faults;
}

function checkDescription(description: string): FieldViolation[] {
  if (description.length <= DESCRIPTION_MAX) return [];
  const detail = `has ${description.length} characters; at most ${DESCRIPTION_MAX} are taken`;
  return [{ field: 'replay.description', detail }];
}

function checkPace(pace: number | undefined): FieldViolation[] {
  if (pace === undefined || (pace >= PACE_MIN && pace <= PACE_MAX)) return [];
  const detail = `is ${pace}; it must be ${PACE_MIN} to ${PACE_MAX}, or left out`;
  return [{ field: 'replay.deliveries_per_second', detail }];
}

function invalid(fields: readonly FieldViolation[]): DomainError {
  const [first] = fields;
  return new DomainError('invalid_argument', `${first?.field} ${first?.detail}`, { fields });
}
