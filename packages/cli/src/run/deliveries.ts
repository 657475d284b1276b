import {
  DeliveryState,
  GetDeliveryRequest,
  ListDeliveriesRequest,
  Outcome,
  RetryDeliveryRequest,
  SkipOrderedHeadRequest,
} from '@hookline/contracts';
import type { Run } from '../command/command.ts';
import type { Context } from '../context.ts';
import { exitCodes } from '../output/exit-codes.ts';
import { connect } from '../server/connect.ts';
import { printList } from '../server/list-pages.ts';
import { message } from '../server/request.ts';
import type { getSpec, listSpec, retrySpec, skipSpec } from '../specs/delivery-specs.ts';
import {
  attemptColumns,
  attemptJson,
  deliveryColumns,
  deliveryJson,
} from '../views/delivery-view.ts';
import { fieldsOf, type Json } from '../views/shared.ts';
import { numbersOf } from './enums.ts';
import { present, told } from './show.ts';

export const listDeliveries: Run<typeof listSpec> = async ({ options }, context) => {
  using connection = await connect(options, context);
  await printList(context, {
    limit: options.limit,
    pageToken: options['page-token'] ?? '',
    columns: deliveryColumns,
    async fetch(pageSize, pageToken) {
      const request = message(ListDeliveriesRequest, {
        pageSize,
        pageToken,
        subscriptionId: options.subscription,
        eventId: options.event,
        states: numbersOf(DeliveryState, 'DELIVERY_STATE_', options.state),
        eventTypes: [...options.type],
        subject: options.subject,
        outcomes: numbersOf(Outcome, 'OUTCOME_', options.outcome),
        startTime: options.from,
        endTime: options.to,
      });
      const page = await connection.deliveries.listDeliveries(request, connection.call);
      return { items: page.deliveries.map(deliveryJson), nextPageToken: page.nextPageToken };
    },
  });
  return exitCodes.done;
};

export const getDelivery: Run<typeof getSpec> = async ({ arguments: { id }, options }, context) => {
  using connection = await connect(options, context);
  const request = message(GetDeliveryRequest, { id });
  const answer = await connection.deliveries.getDelivery(request, connection.call);
  const delivery = deliveryJson(present(answer.delivery, 'the delivery'));
  showWithAttempts(context, delivery, answer.attempts.map(attemptJson));
  return exitCodes.done;
};

/** Something with the attempts that led to it. */
export function showWithAttempts({ output }: Context, json: Json, attempts: readonly Json[]): void {
  if (output.isJson) {
    output.json({ ...json, attempts });
    return;
  }
  const { last_attempt: _shownBelow, ...fields } = json;
  output.fields(fieldsOf(fields));
  if (attempts.length === 0) return;
  output.line();
  output.table(attemptColumns, attempts);
}

export const retryDelivery: Run<typeof retrySpec> = async (
  { arguments: { id }, options },
  context,
) => {
  using connection = await connect(options, context);
  const request = message(RetryDeliveryRequest, { id });
  const { delivery } = await connection.deliveries.retryDelivery(request, connection.call);
  told(context.output, deliveryJson(present(delivery, 'the delivery')), `${id} is tried again now`);
  return exitCodes.done;
};

export const skipHead: Run<typeof skipSpec> = async ({ arguments: named, options }, context) => {
  using connection = await connect(options, context);
  const request = message(SkipOrderedHeadRequest, {
    subscriptionId: named.subscription,
    deliveryId: named.delivery,
    reason: options.reason,
  });
  const { skipped, head } = await connection.deliveries.skipOrderedHead(request, connection.call);
  const next = head === undefined ? null : deliveryJson(head);
  told(
    context.output,
    { skipped: deliveryJson(present(skipped, 'the delivery')), head: next },
    `${named.delivery} is given up; ${next === null ? 'nothing waits behind it' : `${next.id} is next`}`,
  );
  return exitCodes.done;
};
