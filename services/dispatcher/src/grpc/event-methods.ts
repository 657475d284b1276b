import {
  DomainError,
  type FieldViolation,
  type GrpcEvent,
  GrpcPhase,
  GrpcStatus,
  isId,
  type ListEventsRequest,
  type ListEventsResponse,
} from '@hookline/contracts';
import {
  type Database,
  type EventsQuery,
  findRetentionBoundary,
  listEvents,
  readEvents,
  toEventMessage,
} from '@hookline/event-log';
import { readPageSize, readPageToken, writePageToken } from '@hookline/service-runtime';
import { refuseDropped } from './refuse-dropped.ts';
import { typeExpressions } from './type-expressions.ts';

/** ListEvents: one page of a tenant's events, the newest first. */
export async function listEventMessages(
  database: Database,
  tenant: string,
  request: ListEventsRequest,
): Promise<ListEventsResponse> {
  const { pageSize, pageToken, omitData, ...question } = request;
  const [before] = readPageToken(pageToken, [tenant, question]) ?? [];
  const query: EventsQuery = {
    tenant,
    limit: readPageSize(pageSize),
    omitData,
    ...toFilter(request),
    ...(before !== undefined && { before: BigInt(before) }),
  };
  await refuseDroppedRange(database, request.endTime);
  const page = await listEvents(database.pool, query);
  return {
    events: page.events.map(toEventMessage),
    nextPageToken:
      page.next === undefined ? '' : writePageToken([String(page.next)], [tenant, question]),
  };
}

/** GetEvent. @throws DomainError `not_found`, which says so if the event is past the retention time */
export async function getEvent(database: Database, tenant: string, id: string): Promise<GrpcEvent> {
  if (isId('evt', id)) {
    const event = (await readEvents(database.pool, { eventIds: [id], tenant })).get(id)?.event;
    if (event !== undefined) return toEventMessage(event);
    await refuseDropped(database, `event "${id}"`, id);
  }
  throw new DomainError('not_found', `there is no event ${JSON.stringify(id.slice(0, 64))}`);
}

function toFilter(request: ListEventsRequest): Partial<EventsQuery> {
  const { types, subject, source, startTime, endTime } = request;
  const fields: FieldViolation[] = [];
  const names = (field: string, of: Readonly<Record<number, string>>, values: readonly number[]) =>
    values.flatMap((value, index) => {
      const name = of[value];
      if (name === undefined) {
        fields.push({ field: `${field}[${index}]`, detail: 'is none of the values; leave it out' });
      }
      return name ?? [];
    });
  const statuses = names('statuses', STATUSES, request.statuses);
  const phases = names('phases', PHASES, request.phases);
  if (fields.length > 0) {
    throw new DomainError('invalid_argument', 'a filter is not valid', { fields });
  }
  return {
    ...(types.length > 0 && { typeExpressions: typeExpressions('types', types) }),
    ...(subject !== '' && { subject }),
    ...(source !== '' && { source }),
    ...(statuses.length > 0 && { statuses }),
    ...(phases.length > 0 && { phases }),
    ...(startTime !== undefined && { from: startTime }),
    ...(endTime !== undefined && { to: endTime }),
  };
}

const STATUSES: Readonly<Record<number, string>> = {
  [GrpcStatus.STATUS_SUCCESS]: 'success',
  [GrpcStatus.STATUS_FAIL]: 'fail',
};
const PHASES: Readonly<Record<number, string>> = {
  [GrpcPhase.PHASE_PRE]: 'pre',
  [GrpcPhase.PHASE_POST]: 'post',
};

/** An empty page would say that nothing happened then, when in truth nothing is kept of it. */
async function refuseDroppedRange(database: Database, endTime: Date | undefined): Promise<void> {
  if (endTime === undefined) return;
  const boundary = await findRetentionBoundary(database.pool);
  if (boundary === undefined || endTime > boundary) return;
  const kept = boundary.toISOString();
  const detail = `is ${endTime.toISOString()}; nothing is kept of the time before ${kept}, which is the retention time ago`;
  throw new DomainError('invalid_argument', `end_time ${detail}`, {
    fields: [{ field: 'end_time', detail }],
  });
}
