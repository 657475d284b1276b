import type { SubscriptionSettings } from './settings.ts';

/** A signing secret. With a rotation the older ones get an end; until then all of them sign. */
export interface Secret {
  readonly value: string;
  readonly createdAt: string;
  /** RFC 3339; absent: signs until it is replaced. */
  readonly expiresAt?: string;
}

/** What has happened to a subscription. Times (`at`) are RFC 3339. */
export type SubscriptionEvent =
  | {
      readonly type: 'SubscriptionCreated';
      readonly id: string;
      readonly tenant: string;
      /** Counts up within the tenant; VirtFusion's receivers know the subscription by it. */
      readonly hookNumber: number;
      readonly settings: SubscriptionSettings;
      readonly secret: string;
      readonly at: string;
    }
  | { readonly type: 'SubscriptionDisabled'; readonly reason: string; readonly at: string }
  | { readonly type: 'SubscriptionDeleted'; readonly at: string };

/** What every subscription has, whatever its state. */
interface Established {
  readonly id: string;
  readonly tenant: string;
  readonly hookNumber: number;
  readonly settings: SubscriptionSettings;
  /** Newest first. */
  readonly secrets: readonly Secret[];
  readonly createdAt: string;
  readonly updatedAt: string;
}

export type SubscriptionState =
  | { readonly state: 'absent' }
  | ({ readonly state: 'active' | 'paused' | 'deleted' } & Established)
  | ({ readonly state: 'disabled'; readonly disabledReason: string } & Established);

export function initialState(): SubscriptionState {
  return { state: 'absent' };
}

/** What the subscription is after the event. */
export function evolve(state: SubscriptionState, event: SubscriptionEvent): SubscriptionState {
  if (event.type === 'SubscriptionCreated') {
    const { type: _, secret, at, ...created } = event;
    const secrets = [{ value: secret, createdAt: at }];
    return { state: 'active', ...created, secrets, createdAt: at, updatedAt: at };
  }
  if (state.state === 'absent') {
    throw new Error(`a subscription's log begins with ${event.type}, not with SubscriptionCreated`);
  }
  const kept = established(state);
  switch (event.type) {
    case 'SubscriptionDisabled':
      return { ...kept, state: 'disabled', disabledReason: event.reason, updatedAt: event.at };
    case 'SubscriptionDeleted':
      return { ...kept, state: 'deleted', updatedAt: event.at };
  }
}

/** Without what belongs to one state alone. */
function established(state: Exclude<SubscriptionState, { state: 'absent' }>): Established {
  const { id, tenant, hookNumber, settings, secrets, createdAt, updatedAt } = state;
  return { id, tenant, hookNumber, settings, secrets, createdAt, updatedAt };
}
