import type { DeliveryServiceService } from '@hookline/contracts';
import { requireRole } from '@hookline/credentials';
import {
  type AttemptRow,
  type Database,
  listAttemptsById,
  listAttemptsOfDelivery,
  toAttemptMessage,
} from '@hookline/event-log';
import {
  type GrpcImplementation,
  readPageSize,
  readPageToken,
  writePageToken,
} from '@hookline/service-runtime';
import { type DeliveryRow, listDeliveries } from '../postgres/list-deliveries.ts';
import { toDeliveryMessage } from './delivery-message.ts';
import { readDeliveryQuery } from './delivery-query.ts';
import { getEvent, listEventMessages } from './event-methods.ts';
import { getOverview } from './overview-method.ts';
import { refuseDropped } from './refuse-dropped.ts';
import { requireDelivery } from './show-delivery.ts';

const ATTEMPTS_MAX = 500;

type ReadMethods = Pick<
  GrpcImplementation<typeof DeliveryServiceService>,
  'listDeliveries' | 'getDelivery' | 'listEvents' | 'getEvent' | 'getOverview'
>;

/** The methods of DeliveryService that only read the logs and the schedule, within the caller's tenant. */
export function createReadMethods(database: Database): ReadMethods {
  return {
    async listDeliveries(request, { caller }) {
      requireRole(caller, 'viewer');
      const limit = readPageSize(request.pageSize);
      const { pageSize: _, pageToken, ...question } = request;
      const [before] = readPageToken(pageToken, question) ?? [];
      const query = readDeliveryQuery(caller.tenant, request, before);
      const page = await listDeliveries(database.pool, { ...query, limit });
      if (page.rows.length === 0 && page.next === undefined && request.eventId !== '') {
        await refuseDropped(database, `deliveries of event "${request.eventId}"`, request.eventId);
      }
      return {
        deliveries: await withLastAttempts(database, caller.tenant, page.rows),
        nextPageToken: page.next === undefined ? '' : writePageToken([page.next], question),
      };
    },

    async getDelivery(request, { caller }) {
      requireRole(caller, 'viewer');
      const { tenant } = caller;
      const row = await requireDelivery(database, { tenant, id: request.id });
      const attempts = await listAttemptsOfDelivery(database.kysely, {
        tenant,
        deliveryId: row.delivery_id,
      });
      return {
        delivery: toDeliveryMessage(row, attempts.at(-1)),
        attempts: attempts.slice(-ATTEMPTS_MAX).map(toAttemptMessage),
      };
    },

    async listEvents(request, { caller }) {
      requireRole(caller, 'viewer');
      return await listEventMessages(database, caller.tenant, request);
    },

    async getEvent({ id }, { caller }) {
      requireRole(caller, 'viewer');
      return { event: await getEvent(database, caller.tenant, id) };
    },

    async getOverview(request, { caller }) {
      requireRole(caller, 'viewer');
      return { overview: await getOverview(database, caller.tenant, request) };
    },
  };
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
