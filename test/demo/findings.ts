import type { IncomingWebhook } from './inbox.ts';
import { type LifeEvent, RETRIED_TYPE } from './server-life.ts';
import { isVerified } from './verify.ts';

/** An event that was published, with the id it was accepted under. */
export interface Published {
  readonly event: LifeEvent;
  readonly eventId: string;
}

/** The names of the demo's two subscriptions. */
export const CHANNELS = { rest: 'cdhosting', grpc: 'standard' } as const;

/** A delivery that must come, under the type its receiver knows. */
export interface Expected extends Published {
  readonly channel: string;
  readonly type: string;
}

/** The deliveries that an event makes. */
export function expectedOf({ event, eventId }: Published): Expected[] {
  const grpc = { event, eventId, channel: CHANNELS.grpc, type: event.type };
  if (event.cdhostingType === undefined) return [grpc];
  return [grpc, { event, eventId, channel: CHANNELS.rest, type: event.cdhostingType }];
}

/** Everything that is not as it should be, a sentence each. */
export function findFaults(
  expected: readonly Expected[],
  webhooks: readonly IncomingWebhook[],
): string[] {
  const unverified = webhooks.filter(({ verification }) => !isVerified(verification));
  return [
    ...unverified.map(({ channel, type }) => `a wrong signature: ${type} for ${channel}`),
    ...expected.flatMap((delivery) => faultsOf(delivery, webhooks)),
  ];
}

function faultsOf(delivery: Expected, webhooks: readonly IncomingWebhook[]): string[] {
  const name = `${delivery.type} for ${delivery.channel}`;
  const attempts = webhooks.filter(
    ({ channel, eventId }) => channel === delivery.channel && eventId === delivery.eventId,
  );
  const taken = attempts.find(({ answer }) => answer === 200);
  if (taken === undefined) return [`missing: ${name}`];
  const faults: string[] = [];
  if (taken.type !== delivery.type) faults.push(`${name} came as ${taken.type}`);
  if (JSON.stringify(taken.data) !== JSON.stringify(delivery.event.data)) {
    faults.push(`${name} does not carry the data that were published`);
  }
  if (new Set(attempts.map(({ webhookId }) => webhookId)).size > 1) {
    faults.push(`${name} came under more than one webhook-id`);
  }
  const wanted = delivery.event.type === RETRIED_TYPE ? [1, 2] : [1];
  const numbers = attempts.map(({ attempt }) => attempt);
  if (numbers.join() !== wanted.join()) {
    faults.push(`${name} came as attempts ${numbers.join(', ')} instead of ${wanted.join(', ')}`);
  }
  return faults;
}
