import {
  checkTypePattern,
  type DeadLetterFilter,
  DeadLetterServiceService,
  DeadLetterState,
  DomainError,
  enumText,
  type ListDeadLettersRequest,
  type ListDeadLettersResponse,
  type ListRejectedRequest,
  type ListRejectedResponse,
  lineOf,
  Outcome,
  RejectedState,
} from '@hookline/contracts';
import { requireRole } from '@hookline/credentials';
import { type Database, listAttemptsOfDelivery, toAttemptMessage } from '@hookline/event-log';
import {
  type GrpcService,
  grpcService,
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
import { listRejectedRows } from '../postgres/list-rejected.ts';
import { toDeadLetterMessage } from './dead-letter-message.ts';
import { readEventMessage } from './event-message.ts';
import { toRejectedMessage } from './rejected-message.ts';

const FILTER_VALUES_MAX = 100;
const ATTEMPTS_MAX = 500;
const REJECTED_PAGE_BYTES_MAX = 2 * 1024 * 1024;

/** What can be read of dead letters and rejected messages; the other methods are UNIMPLEMENTED. */
export function createDeadLetterService(database: Database): GrpcService {
  return grpcService(DeadLetterServiceService, {
    async listDeadLetters(request, { caller }) {
      requireRole(caller, 'viewer');
      return await listDeadLetters(database, caller.tenant, request);
    },
    async getDeadLetter({ id }, { caller }) {
      requireRole(caller, 'viewer');
      const { tenant } = caller;
      const row = await findDeadLetterRow(database.kysely, { tenant, deliveryId: id });
      if (row === undefined) {
        throw new DomainError(
          'not_found',
          `there is no dead letter ${JSON.stringify(id.slice(0, 64))}`,
        );
      }
      const attempts = await listAttemptsOfDelivery(database.kysely, { tenant, deliveryId: id });
      return {
        deadLetter: toDeadLetterMessage(row, attempts.at(-1)),
        event: await readEventMessage(database, { tenant, eventId: row.event_id }),
        attempts: attempts.slice(-ATTEMPTS_MAX).map(toAttemptMessage),
      };
    },
    async listRejected(request, { caller }) {
      requireRole(caller, 'viewer');
      return await listRejected(database, caller.tenant, request);
    },
  });
}

async function listDeadLetters(
  database: Database,
  tenant: string,
  request: ListDeadLettersRequest,
): Promise<ListDeadLettersResponse> {
  const { filter } = request;
  const question = ['dead_letters', tenant, filter, request.states];
  const limit = readPageSize(request.pageSize);
  checkFilter(filter);
  // No dead letter belongs to an incident yet, so that none is what an incident holds.
  if ((filter?.incidentId ?? '') !== '') return { deadLetters: [], nextPageToken: '' };
  const rows = await listDeadLetterRows(database.kysely, {
    tenant,
    states: statesOf(request.states),
    subscriptionIds: filter?.subscriptionIds ?? [],
    lines: (filter?.subjects ?? []).map((subject) => lineOf(tenant, subject, '')),
    causes: (filter?.outcomes ?? []).map(outcomeText),
    typeExpressions: (filter?.eventTypes ?? []).map(typeExpression),
    startTime: filter?.startTime,
    endTime: filter?.endTime,
    after: cursorOf(request.pageToken, question),
    limit: limit + 1,
  });
  const page = rows.slice(0, limit);
  const attempts = await lastAttemptsOf(
    database.kysely,
    page.map(({ delivery_id }) => delivery_id),
  );
  const last = rows.length > limit ? page.at(-1) : undefined;
  return {
    deadLetters: page.map((row) => toDeadLetterMessage(row, attempts.get(row.delivery_id))),
    nextPageToken:
      last === undefined ? '' : writePageToken([last.died_at_text, last.delivery_id], question),
  };
}

/** Where a page ended: the sort key of its last row, the time as Postgres writes it. */
function cursorOf(token: string, question: unknown): Cursor | undefined {
  const [time = '', id = ''] = readPageToken(token, question) ?? [];
  return id === '' ? undefined : { time, id };
}

async function listRejected(
  database: Database,
  tenant: string,
  request: ListRejectedRequest,
): Promise<ListRejectedResponse> {
  const { pageSize, pageToken, ...question } = request;
  const { REJECTED_STATE_OPEN, REJECTED_STATE_RESUBMITTED } = RejectedState;
  const states = request.states.length === 0 ? [REJECTED_STATE_OPEN] : request.states;
  refuseUnless(
    states.every((state) => state === REJECTED_STATE_OPEN || state === REJECTED_STATE_RESUBMITTED),
    { field: 'states', detail: 'must be REJECTED_STATE_OPEN or REJECTED_STATE_RESUBMITTED' },
  );
  for (const field of ['ids', 'codes'] as const) checkCount(field, request[field]);
  const { rows, more } = await listRejectedRows(
    database.kysely,
    {
      ...request,
      tenant,
      open: states.includes(REJECTED_STATE_OPEN),
      resubmitted: states.includes(REJECTED_STATE_RESUBMITTED),
      after: cursorOf(pageToken, [tenant, question]),
      limit: readPageSize(pageSize),
    },
    REJECTED_PAGE_BYTES_MAX,
  );
  const last = more ? rows.at(-1) : undefined;
  return {
    rejectedMessages: rows.map(toRejectedMessage),
    nextPageToken:
      last === undefined
        ? ''
        : writePageToken([last.received_at_text, last.rejected_id], [tenant, question]),
  };
}

function statesOf(states: readonly DeadLetterState[]): string[] {
  if (states.length === 0) return ['open', 'redriving'];
  return states.map((state) => {
    const text = enumText(DeadLetterState, 'DEAD_LETTER_STATE_', state);
    refuseUnless(text !== undefined, { field: 'states', detail: 'holds an unknown state' });
    return text as string;
  });
}

function outcomeText(outcome: Outcome): string {
  const text = enumText(Outcome, 'OUTCOME_', outcome);
  refuseUnless(text !== undefined, {
    field: 'filter.outcomes',
    detail: 'holds an unknown outcome',
  });
  return text as string;
}

function checkFilter(filter: DeadLetterFilter | undefined): void {
  if (filter === undefined) return;
  checkCount('filter.subscription_ids', filter.subscriptionIds);
  checkCount('filter.event_types', filter.eventTypes);
  checkCount('filter.subjects', filter.subjects);
  for (const [index, pattern] of filter.eventTypes.entries()) {
    const detail = checkTypePattern(pattern);
    refuseUnless(detail === undefined, {
      field: `filter.event_types[${index}]`,
      detail: detail ?? '',
    });
  }
}

function checkCount(field: string, values: readonly string[]): void {
  const detail = `holds ${values.length} values; at most ${FILTER_VALUES_MAX} are taken`;
  refuseUnless(values.length <= FILTER_VALUES_MAX, { field, detail });
}

/** A checked type pattern as an expression that Postgres takes, with the rules of matching. */
function typeExpression(pattern: string): string {
  if (pattern === '*') return '^(?!hookline(\\.|$))';
  const segments = pattern.split('.');
  const parts = segments.map((segment, index) => {
    if (segment !== '*') return segment;
    return index === segments.length - 1 ? '.+' : '[^.]+';
  });
  return `^${parts.join('\\.')}$`;
}

function refuseUnless(
  holds: boolean,
  { field, detail }: { readonly field: string; readonly detail: string },
): void {
  if (holds) return;
  throw new DomainError('invalid_argument', `${field} ${detail}`, { fields: [{ field, detail }] });
}
