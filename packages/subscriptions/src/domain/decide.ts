import { DomainError } from '@hookline/contracts';
import type { SubscriptionSettings } from './settings.ts';
import {
  evolve,
  initialState,
  type SubscriptionEvent,
  type SubscriptionState,
} from './subscription.ts';

/** What one may ask of a subscription. Times (`at`) are RFC 3339; settings have been checked. */
export type SubscriptionCommand =
  | {
      readonly kind: 'create';
      readonly id: string;
      readonly tenant: string;
      readonly hookNumber: number;
      readonly settings: SubscriptionSettings;
      readonly secret: string;
      readonly at: string;
    }
  | { readonly kind: 'disable'; readonly reason: string; readonly at: string }
  | { readonly kind: 'delete'; readonly at: string };

/**
 * What a command makes happen; nothing when it asks for what is already so.
 *
 * Throws DomainError `not_found` for a subscription that is not there (any more), `already_exists`
 * for a second creation.
 */
export function decide(
  command: SubscriptionCommand,
  state: SubscriptionState,
): readonly SubscriptionEvent[] {
  if (command.kind === 'create') {
    if (state.state !== 'absent') {
      throw new DomainError('already_exists', `there is a subscription ${command.id} already`);
    }
    const { kind: _, ...created } = command;
    return [{ type: 'SubscriptionCreated', ...created }];
  }
  if (state.state === 'absent') throw subscriptionNotFound();
  switch (command.kind) {
    case 'disable':
      // It comes from a delivery that failed some time ago: a deletion meanwhile is no fault.
      if (state.state === 'disabled' || state.state === 'deleted') return [];
      return [{ type: 'SubscriptionDisabled', reason: command.reason, at: command.at }];
    case 'delete':
      if (state.state === 'deleted') throw subscriptionNotFound();
      return [{ type: 'SubscriptionDeleted', at: command.at }];
  }
}

/** The refusal for an id that is unknown, deleted or another tenant's: a caller cannot tell which. */
export function subscriptionNotFound(): DomainError {
  return new DomainError(
    'not_found',
    'there is no subscription of this id; it may have been deleted, or belong to another tenant',
  );
}

/** The Subscription aggregate. */
export const subscriptionDecider = { decide, evolve, initialState };
