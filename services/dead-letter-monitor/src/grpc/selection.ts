import {
  DeadLetterSelection,
  newId,
  type RedriveDeadLettersRequest,
  Replay,
  ReplayState,
} from '@hookline/contracts';
import type { Database } from '@hookline/event-log';
import { readNow } from '../postgres/select-dead-letters.ts';
import { checkFilter } from './dead-letter-filter.ts';
import { invalid, refuseUnless } from './faults.ts';

const IDS_MAX = 1_000;
const IDS_SHOWN_MAX = 100;

/**
 * A selection, checked. A filter without an end takes the time of the request, so that what is done
 * with it never runs after new dead letters. @throws DomainError that names the faulty field
 */
export async function readSelection(
  database: Database,
  given: DeadLetterSelection | undefined,
): Promise<DeadLetterSelection> {
  const selection = given?.selection;
  if (selection === undefined) {
    throw invalid({ field: 'selection', detail: 'is missing; send ids or a filter' });
  }
  if (selection.$case === 'ids') {
    const ids = [...new Set(selection.value.ids)];
    refuseUnless(ids.length >= 1 && ids.length <= IDS_MAX, {
      field: 'selection.ids.ids',
      detail: `holds ${ids.length} ids; send 1 to ${IDS_MAX}`,
    });
    return { selection: { $case: 'ids', value: { ids } } };
  }
  const filter = selection.value;
  checkFilter('selection.filter', filter);
  const endTime = filter.endTime ?? (await readNow(database.kysely));
  return { selection: { $case: 'filter', value: { ...filter, endTime } } };
}

/** What the audit log shows of a selection: of ids, the first 100. */
export function selectionSummary({ selection }: DeadLetterSelection): Record<string, unknown> {
  if (selection?.$case === 'ids') return { ids: selection.value.ids.slice(0, IDS_SHOWN_MAX) };
  const filter = Object.entries(selection?.value ?? {}).filter(([, value]) =>
    Array.isArray(value) ? value.length > 0 : value !== '' && value !== undefined,
  );
  return { filter: Object.fromEntries(filter) };
}

/** A redrive that is about to be queued: its row, and the answer. */
export function queuedRedrive({
  request,
  selection,
  total,
  creator,
}: {
  readonly request: RedriveDeadLettersRequest;
  readonly selection: DeadLetterSelection;
  readonly total: bigint;
  readonly creator: string;
}) {
  const { description, deliveriesPerSecond } = request;
  const replayId = newId('rpl');
  const message = Replay.fromPartial({
    id: replayId,
    source: { $case: 'deadLetters', value: selection },
    description,
    deliveriesPerSecond,
    state: ReplayState.REPLAY_STATE_QUEUED,
    progress: { totalCount: total },
    creator,
    createTime: new Date(),
  });
  const row = {
    replayId,
    selection: DeadLetterSelection.encode(selection).finish(),
    description,
    deliveriesPerSecond,
    creator,
    total,
  };
  return { message, row };
}
