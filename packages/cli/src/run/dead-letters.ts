import {
  DeadLetterFilter,
  type DeadLetterSelection,
  DeadLetterState,
  DiscardDeadLettersRequest,
  GetDeadLetterRequest,
  ListDeadLettersRequest,
  Outcome,
  RedriveDeadLettersRequest,
} from '@hookline/contracts';
import type { Input, Run } from '../command/command.ts';
import { UsageError } from '../command/usage-error.ts';
import { exitCodes } from '../output/exit-codes.ts';
import { connect } from '../server/connect.ts';
import { printList } from '../server/list-pages.ts';
import { message } from '../server/request.ts';
import type { discardSpec, getSpec, listSpec, redriveSpec } from '../specs/dead-letter-specs.ts';
import { deadLetterColumns, deadLetterJson } from '../views/dead-letter-view.ts';
import { attemptJson } from '../views/delivery-view.ts';
import { eventJson } from '../views/event-view.ts';
import { replayJson } from '../views/replay-view.ts';
import { showWithAttempts } from './deliveries.ts';
import { numbersOf } from './enums.ts';
import { present, show, told } from './show.ts';
import { waitForReplay } from './wait-for-replay.ts';

type FilterFlags = Omit<Input<typeof listSpec>['options'], 'state' | 'limit' | 'page-token'>;

export const listDeadLetters: Run<typeof listSpec> = async ({ options }, context) => {
  using connection = await connect(options, context);
  await printList(context, {
    limit: options.limit,
    pageToken: options['page-token'] ?? '',
    columns: deadLetterColumns,
    async fetch(pageSize, pageToken) {
      const request = message(ListDeadLettersRequest, {
        pageSize,
        pageToken,
        filter: filterOf(options),
        states: numbersOf(DeadLetterState, 'DEAD_LETTER_STATE_', options.state),
      });
      const page = await connection.deadLetters.listDeadLetters(request, connection.call);
      return { items: page.deadLetters.map(deadLetterJson), nextPageToken: page.nextPageToken };
    },
  });
  return exitCodes.done;
};

export const getDeadLetter: Run<typeof getSpec> = async (
  { arguments: { id }, options },
  context,
) => {
  using connection = await connect(options, context);
  const request = message(GetDeadLetterRequest, { id });
  const answer = await connection.deadLetters.getDeadLetter(request, connection.call);
  const letter = deadLetterJson(present(answer.deadLetter, 'the dead letter'));
  const event = answer.event === undefined ? null : eventJson(answer.event);
  showWithAttempts(context, { ...letter, event }, answer.attempts.map(attemptJson));
  return exitCodes.done;
};

export const redriveDeadLetters: Run<typeof redriveSpec> = async (input, context) => {
  const { options } = input;
  const selection = selectionOf(input.arguments.ids, options, 'redrive');
  using connection = await connect(options, context);
  const request = message(RedriveDeadLettersRequest, {
    selection,
    deliveriesPerSecond: options.rate,
    description: options.description,
    requestId: options['request-id'],
  });
  const answer = await connection.deadLetters.redriveDeadLetters(request, connection.call);
  const replay = present(answer.replay, 'the redrive');
  if (options.wait) return await waitForReplay(connection, context, replay);
  show(context.output, replayJson(replay));
  return exitCodes.done;
};

export const discardDeadLetters: Run<typeof discardSpec> = async (input, context) => {
  const { options } = input;
  const selection = selectionOf(input.arguments.ids, options, 'discard');
  using connection = await connect(options, context);
  const request = message(DiscardDeadLettersRequest, { selection, reason: options.reason });
  const answer = await connection.deadLetters.discardDeadLetters(request, connection.call);
  const count = Number(answer.discardedCount);
  told(context.output, { discarded_count: count }, `${count} discarded`);
  return exitCodes.done;
};

/** Ids or a filter; that every dead letter is meant must be said. @throws UsageError */
function selectionOf(
  ids: readonly string[],
  flags: FilterFlags & { readonly all: boolean },
  name: string,
): DeadLetterSelection {
  const { subscription, type, subject, outcome, incident, from, to } = flags;
  const filters = [subscription, type, subject, outcome].some((list) => list.length > 0);
  const isFiltered = filters || [incident, from, to].some((each) => each !== undefined);
  const ways = [ids.length > 0, isFiltered, flags.all].filter(Boolean).length;
  if (ways !== 1) {
    const detail =
      ways === 0
        ? 'nothing is selected; give ids, a filter such as --subscription, or --all for every open dead letter'
        : 'ids, a filter and --all are given together; give one of them';
    throw new UsageError([{ subject: '<ids>, --all', detail }], `dead-letters ${name}`);
  }
  if (ids.length > 0) return { selection: { $case: 'ids', value: { ids: [...ids] } } };
  return { selection: { $case: 'filter', value: filterOf(flags) } };
}

function filterOf(flags: FilterFlags): DeadLetterFilter {
  return message(DeadLetterFilter, {
    subscriptionIds: [...flags.subscription],
    eventTypes: [...flags.type],
    subjects: [...flags.subject],
    outcomes: numbersOf(Outcome, 'OUTCOME_', flags.outcome),
    incidentId: flags.incident,
    startTime: flags.from,
    endTime: flags.to,
  });
}
