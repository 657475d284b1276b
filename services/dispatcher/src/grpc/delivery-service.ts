import {
  checkTypePattern,
  DeliveryServiceService,
  DeliveryState,
  DomainError,
  enumText,
  isId,
  type ListDeliveriesRequest,
  newId,
  Outcome,
} from '@hookline/contracts';
import { requireRole } from '@hookline/credentials';
import {
  type AttemptRow,
  type Database,
  listAttemptsById,
  listAttemptsOfDelivery,
  toAttemptMessage,
} from '@hookline/event-log';
import {
  type GrpcService,
  grpcService,
  readPageSize,
  readPageToken,
  writePageToken,
} from '@hookline/service-runtime';
import {
  type DeliveryQuery,
  type DeliveryRow,
  listDeliveries,
} from '../postgres/list-deliveries.ts';
import { toDeliveryMessage } from './delivery-message.ts';
import { refuseDropped } from './refuse-dropped.ts';
import { createReplayMethods, type ReplayMethodsDeps } from './replay-methods.ts';

const ATTEMPTS_MAX = 500;

/** DeliveryService over the attempt log and the schedule, each call within the caller's tenant. */
export function createDeliveryService(deps: ReplayMethodsDeps): GrpcService {
  const { database } = deps;
  return grpcService(DeliveryServiceService, {
    ...createReplayMethods(deps),

    async listDeliveries(request, { caller }) {
      requireRole(caller, 'viewer');
      const limit = readPageSize(request.pageSize);
      const { pageSize: _, pageToken, ...question } = request;
      const [before] = readPageToken(pageToken, question) ?? [];
      const query = toQuery(caller.tenant, request, before);
      const rows = await listDeliveries(database.pool, { ...query, limit: limit + 1 });
      const page = rows.slice(0, limit);
      const last = page.at(-1);
      if (page.length === 0 && request.eventId !== '') {
        await refuseDropped(database, `deliveries of event "${request.eventId}"`, request.eventId);
      }
      return {
        deliveries: await withLastAttempts(database, caller.tenant, page),
        nextPageToken:
          rows.length > limit && last ? writePageToken([last.delivery_id], question) : '',
      };
    },

    async getDelivery(request, { caller }) {
      requireRole(caller, 'viewer');
      const { tenant } = caller;
      const [row] = await listDeliveries(database.pool, {
        tenant,
        deliveryId: request.id,
        limit: 1,
      });
      if (row === undefined) {
        if (isId('dlv', request.id)) {
          await refuseDropped(database, `delivery "${request.id}"`, request.id);
        }
        throw new DomainError('not_found', `no delivery "${request.id}"`);
      }
      const attempts = await listAttemptsOfDelivery(database.kysely, {
        tenant,
        deliveryId: row.delivery_id,
      });
      return {
        delivery: toDeliveryMessage(row, attempts.at(-1)),
        attempts: attempts.slice(-ATTEMPTS_MAX).map(toAttemptMessage),
      };
    },
  });
}

async function withLastAttempts(database: Database, tenant: string, rows: readonly DeliveryRow[]) {
  const ids = rows.flatMap((row) => row.last_attempt_id ?? []);
  const attempts = await listAttemptsById(database.kysely, {
    tenant,
    deliveryIds: rows.map((row) => row.delivery_id),
    attemptIds: ids,
  });
  const byId = new Map(attempts.map((attempt: AttemptRow) => [attempt.attempt_id, attempt]));
  return rows.map((row) => toDeliveryMessage(row, byId.get(row.last_attempt_id ?? '')));
}

function toQuery(
  tenant: string,
  request: ListDeliveriesRequest,
  goOnBefore: string | undefined,
): Omit<DeliveryQuery, 'limit'> {
  const { subscriptionId, eventId, subject, states, outcomes, eventTypes, startTime, endTime } =
    request;
  checkIds(request);
  const before = goOnBefore ?? (endTime && timeBound(endTime));
  return {
    tenant,
    ...(before !== undefined && { before }),
    ...(startTime !== undefined && { from: timeBound(startTime) }),
    ...(subscriptionId !== '' && { subscriptionId }),
    ...(eventId !== '' && { eventId }),
    ...(subject !== '' && { subject }),
    ...(states.length > 0 && {
      states: states.map((state) => enumText(DeliveryState, 'DELIVERY_STATE_', state) ?? ''),
    }),
    ...(outcomes.length > 0 && {
      outcomes: outcomes.map((outcome) => enumText(Outcome, 'OUTCOME_', outcome) ?? ''),
    }),
    ...(eventTypes.length > 0 && { typePatterns: eventTypes.map(toRegularExpression) }),
  };
}

function checkIds(request: ListDeliveriesRequest): void {
  const { subscriptionId, eventId } = request;
  const fields = [
    ...(subscriptionId !== '' && !isId('sub', subscriptionId)
      ? [
          {
            field: 'subscription_id',
            detail: `is "${subscriptionId}"; send an id such as sub_01h…`,
          },
        ]
      : []),
    ...(eventId !== '' && !isId('evt', eventId)
      ? [{ field: 'event_id', detail: `is "${eventId}"; send an id such as evt_01h…` }]
      : []),
  ];
  if (fields.length > 0)
    throw new DomainError('invalid_argument', 'a filter is not valid', { fields });
}

/** The smallest delivery id of a time: ids begin with the time of their event. */
function timeBound(time: Date): string {
  return `${newId('dlv', Math.max(0, time.getTime())).slice(0, 'dlv_'.length + 10)}`;
}

function toRegularExpression(pattern: string): string {
  const fault = checkTypePattern(pattern);
  if (fault !== undefined) {
    throw new DomainError('invalid_argument', 'event_types is not valid', {
      fields: [{ field: 'event_types', detail: fault }],
    });
  }
  if (pattern === '*') return '^(?!hookline\\.)';
  const segments = pattern.split('.').map((segment, index, all) => {
    if (segment !== '*') return segment;
    return index === all.length - 1 ? '.+' : '[a-z0-9_]+';
  });
  return `^${segments.join('\\.')}$`;
}
