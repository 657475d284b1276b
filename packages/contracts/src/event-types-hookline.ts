import type { EventType } from './event-types.ts';

/**
 * What Hookline tells of itself. Nobody publishes these, `*` does not match them, and a subscription
 * is never told of itself.
 */
export const hooklineEventTypes: readonly EventType[] = [
  {
    type: 'hookline.subscription.disabled',
    description: 'A subscription was disabled, and gets no further deliveries',
    data: 'subscriptionTrouble',
  },
  {
    type: 'hookline.subscription.recovered',
    description: 'A disabled subscription was enabled again',
    data: 'subscriptionTrouble',
    example: { missed_since: '2025-01-15T10:30:00Z', subscription_id: 'sub_1', how: 'probe' },
  },
  {
    type: 'hookline.delivery.dead',
    description: 'A delivery was given up',
    data: 'deadDelivery',
  },
  {
    type: 'hookline.ingest.rejected',
    description: 'Something that was published did not become an event',
    data: 'rejectedMessage',
  },
];
