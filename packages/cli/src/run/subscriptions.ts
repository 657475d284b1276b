import {
  DeleteSubscriptionRequest,
  GetSubscriptionHealthRequest,
  GetSubscriptionRequest,
  ListSubscriptionsRequest,
  Outcome,
  PauseSubscriptionRequest,
  PingSubscriptionRequest,
  ResumeSubscriptionRequest,
  State,
} from '@hookline/contracts';
import type { Run } from '../command/command.ts';
import { exitCodes } from '../output/exit-codes.ts';
import { connect } from '../server/connect.ts';
import { printList } from '../server/list-pages.ts';
import { message } from '../server/request.ts';
import type {
  deleteSpec,
  getSpec,
  healthSpec,
  listSpec,
  pauseSpec,
  pingSpec,
  resumeSpec,
} from '../specs/subscription-specs.ts';
import { attemptJson, outcomeText } from '../views/delivery-view.ts';
import { healthJson, subscriptionColumns, subscriptionJson } from '../views/subscription-view.ts';
import { numbersOf } from './enums.ts';
import { present, show, told } from './show.ts';

/** A ping waits for the endpoint, which has up to 30 s. */
const PING_DEADLINE_MS = 40_000;

export const listSubscriptions: Run<typeof listSpec> = async ({ options }, context) => {
  using connection = await connect(options, context);
  await printList(context, {
    limit: options.limit,
    pageToken: options['page-token'] ?? '',
    columns: subscriptionColumns,
    async fetch(pageSize, pageToken) {
      const request = message(ListSubscriptionsRequest, {
        pageSize,
        pageToken,
        states: numbersOf(State, 'STATE_', options.state),
        formats: [...options.format],
        query: options.query,
      });
      const page = await connection.subscriptions.listSubscriptions(request, connection.call);
      return { items: page.subscriptions.map(subscriptionJson), nextPageToken: page.nextPageToken };
    },
  });
  return exitCodes.done;
};

export const getSubscription: Run<typeof getSpec> = async (
  { arguments: { id }, options },
  context,
) => {
  using connection = await connect(options, context);
  const request = message(GetSubscriptionRequest, { id });
  const answer = await connection.subscriptions.getSubscription(request, connection.call);
  show(context.output, subscriptionJson(present(answer.subscription, 'the subscription')));
  return exitCodes.done;
};

export const pauseSubscription: Run<typeof pauseSpec> = async (input, context) => {
  using connection = await connect(input.options, context);
  const { id } = input.arguments;
  const request = message(PauseSubscriptionRequest, { id, etag: input.options.etag });
  const answer = await connection.subscriptions.pauseSubscription(request, connection.call);
  const json = subscriptionJson(present(answer.subscription, 'the subscription'));
  told(context.output, json, `${id} is paused; its deliveries wait until it is resumed`);
  return exitCodes.done;
};

export const resumeSubscription: Run<typeof resumeSpec> = async (input, context) => {
  using connection = await connect(input.options, context);
  const { id } = input.arguments;
  const request = message(ResumeSubscriptionRequest, { id, etag: input.options.etag });
  const answer = await connection.subscriptions.resumeSubscription(request, connection.call);
  const json = subscriptionJson(present(answer.subscription, 'the subscription'));
  const missed = answer.missedSince?.toISOString() ?? null;
  told(context.output, { ...json, missed_since: missed }, `${id} is active`);
  if (missed !== null) {
    context.output.note(`what was missed: replays create ${id} --from ${missed}`);
  }
  return exitCodes.done;
};

export const deleteSubscription: Run<typeof deleteSpec> = async (input, context) => {
  using connection = await connect(input.options, context);
  const { id } = input.arguments;
  const request = message(DeleteSubscriptionRequest, { id, etag: input.options.etag });
  await connection.subscriptions.deleteSubscription(request, connection.call);
  told(context.output, { id, deleted: true }, `${id} is deleted`);
  return exitCodes.done;
};

export const pingSubscription: Run<typeof pingSpec> = async (
  { arguments: { id }, options },
  context,
) => {
  using connection = await connect(options, context);
  const { attempt, eventId, deliveryId } = await connection.subscriptions.pingSubscription(
    message(PingSubscriptionRequest, { id }),
    { ...connection.call, deadlineMs: PING_DEADLINE_MS },
  );
  const json = attempt === undefined ? null : attemptJson(attempt);
  const succeeded = attempt?.outcome === Outcome.OUTCOME_SUCCEEDED;
  const text =
    json === null
      ? `the ping has not ended yet; deliveries get ${deliveryId} shows it`
      : `${outcomeText(json)} in ${json.duration_ms} ms${json.error ? `: ${json.error}` : ''}`;
  told(context.output, { event_id: eventId, delivery_id: deliveryId, attempt: json }, text);
  return succeeded ? exitCodes.done : exitCodes.failed;
};

export const showHealth: Run<typeof healthSpec> = async (
  { arguments: { id }, options },
  context,
) => {
  using connection = await connect(options, context);
  const request = message(GetSubscriptionHealthRequest, { id });
  const { health } = await connection.subscriptions.getSubscriptionHealth(request, connection.call);
  show(context.output, healthJson(present(health, 'the health')));
  return exitCodes.done;
};
