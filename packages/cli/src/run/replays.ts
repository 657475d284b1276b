import {
  CancelReplayRequest,
  CreateReplayRequest,
  Filter,
  GetReplayRequest,
  GrpcPhase,
  GrpcStatus,
  ListReplaysRequest,
  ReplayState,
} from '@hookline/contracts';
import type { Input, Run } from '../command/command.ts';
import { exitCodes } from '../output/exit-codes.ts';
import { connect } from '../server/connect.ts';
import { printList } from '../server/list-pages.ts';
import { message } from '../server/request.ts';
import type { cancelSpec, createSpec, getSpec, listSpec } from '../specs/replay-specs.ts';
import { replayColumns, replayJson } from '../views/replay-view.ts';
import { numbersOf } from './enums.ts';
import { present, show } from './show.ts';
import { waitForReplay } from './wait-for-replay.ts';

export const createReplay: Run<typeof createSpec> = async (
  { arguments: named, options },
  context,
) => {
  using connection = await connect(options, context);
  const request = message(CreateReplayRequest, {
    replay: {
      source: {
        $case: 'events',
        value: {
          subscriptionId: named.subscription,
          startTime: options.from,
          endTime: options.to,
          filter: filterOf(options),
          undeliveredOnly: options['undelivered-only'],
        },
      },
      deliveriesPerSecond: options.rate,
      description: options.description,
    },
    requestId: options['request-id'],
  });
  const { replay } = await connection.deliveries.createReplay(request, connection.call);
  const created = present(replay, 'the replay');
  if (options.wait) return await waitForReplay(connection, context, created);
  show(context.output, replayJson(created));
  return exitCodes.done;
};

/** Undefined when no flag narrows it: then the subscription's own filter counts. */
function filterOf(options: Input<typeof createSpec>['options']): Filter | undefined {
  const { event, status, phase, subject } = options;
  if ([event, status, phase, subject].every((list) => list.length === 0)) return undefined;
  return message(Filter, {
    // A filter without types is refused: all but our own.
    types: event.length === 0 ? ['*'] : [...event],
    statuses: numbersOf(GrpcStatus, 'STATUS_', status),
    phases: numbersOf(GrpcPhase, 'PHASE_', phase),
    subjects: [...subject],
  });
}

export const listReplays: Run<typeof listSpec> = async ({ options }, context) => {
  using connection = await connect(options, context);
  await printList(context, {
    limit: options.limit,
    pageToken: options['page-token'] ?? '',
    columns: replayColumns,
    async fetch(pageSize, pageToken) {
      const request = message(ListReplaysRequest, {
        pageSize,
        pageToken,
        subscriptionId: options.subscription,
        states: numbersOf(ReplayState, 'REPLAY_STATE_', options.state),
      });
      const page = await connection.deliveries.listReplays(request, connection.call);
      return { items: page.replays.map(replayJson), nextPageToken: page.nextPageToken };
    },
  });
  return exitCodes.done;
};

export const getReplay: Run<typeof getSpec> = async ({ arguments: { id }, options }, context) => {
  using connection = await connect(options, context);
  const request = message(GetReplayRequest, { id });
  const { replay } = await connection.deliveries.getReplay(request, connection.call);
  const found = present(replay, 'the replay');
  if (options.wait) return await waitForReplay(connection, context, found);
  show(context.output, replayJson(found));
  return exitCodes.done;
};

export const cancelReplay: Run<typeof cancelSpec> = async (
  { arguments: { id }, options },
  context,
) => {
  using connection = await connect(options, context);
  const request = message(CancelReplayRequest, { id });
  const { replay } = await connection.deliveries.cancelReplay(request, connection.call);
  show(context.output, replayJson(present(replay, 'the replay')));
  return exitCodes.done;
};
