import {
  type ListRejectedRequest,
  type ListRejectedResponse,
  RejectedState,
} from '@hookline/contracts';
import type { Database } from '@hookline/event-log';
import { readPageSize, writePageToken } from '@hookline/service-runtime';
import { listRejectedRows } from '../postgres/list-rejected.ts';
import { checkCount, refuseUnless } from './faults.ts';
import { cursorOf } from './read-methods.ts';
import { toRejectedMessage } from './rejected-message.ts';

const REJECTED_PAGE_BYTES_MAX = 2 * 1024 * 1024;

/** One page of the rejected messages of a tenant, the newest first. */
export async function listRejected(
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
