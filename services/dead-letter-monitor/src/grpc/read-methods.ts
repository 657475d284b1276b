import type { DeadLetterServiceService, ListDeadLettersRequest } from '@hookline/contracts';
import { requireRole } from '@hookline/credentials';
import {
  type Database,
  listAttemptsOfDelivery,
  queryOfFilter,
  toAttemptMessage,
} from '@hookline/event-log';
import {
  type GrpcImplementation,
  readPageSize,
  readPageToken,
  writePageToken,
} from '@hookline/service-runtime';
import type { Cursor } from '../postgres/cursor.ts';
import {
  findDeadLetterRow,
  lastAttemptsOf,
  listDeadLetterRows,
} from '../postgres/list-dead-letters.ts';
import { checkFilter, statesOf } from './dead-letter-filter.ts';
import { toDeadLetterMessage } from './dead-letter-message.ts';
import { readEventMessage } from './event-message.ts';
import { notFound } from './faults.ts';

const ATTEMPTS_MAX = 500;

type ReadMethods = Pick<
  GrpcImplementation<typeof DeadLetterServiceService>,
  'listDeadLetters' | 'getDeadLetter'
>;

/** The methods of DeadLetterService that show dead letters, each call within the caller's tenant. */
export function createReadMethods(database: Database): ReadMethods {
  return {
    async listDeadLetters(request, { caller }) {
      requireRole(caller, 'viewer');
      return await listDeadLetters(database, caller.tenant, request);
    },

    async getDeadLetter({ id }, { caller }) {
      requireRole(caller, 'viewer');
      const { tenant } = caller;
      const row = await findDeadLetterRow(database.kysely, { tenant, deliveryId: id });
      if (row === undefined) throw notFound('dead letter', id);
      const attempts = await listAttemptsOfDelivery(database.kysely, { tenant, deliveryId: id });
      return {
        deadLetter: toDeadLetterMessage(row, attempts.at(-1)),
        event: await readEventMessage(database, { tenant, eventId: row.event_id }),
        attempts: attempts.slice(-ATTEMPTS_MAX).map(toAttemptMessage),
      };
    },
  };
}

async function listDeadLetters(
  database: Database,
  tenant: string,
  request: ListDeadLettersRequest,
) {
  const { filter } = request;
  const question = ['dead_letters', tenant, filter, request.states];
  const limit = readPageSize(request.pageSize);
  if (filter !== undefined) checkFilter('filter', filter);
  const states = statesOf(request.states);
  const rows = await listDeadLetterRows(database.kysely, {
    query: { ...queryOfFilter(tenant, filter), states },
    after: cursorOf(request.pageToken, question),
    limit: limit + 1,
  });
  const page = rows.slice(0, limit);
  const attempts = await lastAttemptsOf(database.kysely, tenant, page);
  const last = rows.length > limit ? page.at(-1) : undefined;
  return {
    deadLetters: page.map((row) => toDeadLetterMessage(row, attempts.get(row.delivery_id))),
    nextPageToken:
      last === undefined ? '' : writePageToken([last.died_at_text, last.delivery_id], question),
  };
}

/** Where a page ended: the sort key of its last row, the time as Postgres writes it. */
export function cursorOf(token: string, question: unknown): Cursor | undefined {
  const [time = '', id = ''] = readPageToken(token, question) ?? [];
  return id === '' ? undefined : { time, id };
}
