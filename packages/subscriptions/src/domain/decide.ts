import { isDeepStrictEqual } from 'node:util';
import { DomainError } from '@hookline/contracts';
import { signsWithKey } from './engine-options.ts';
import type { SubscriptionSettings } from './settings.ts';
import {
  type EstablishedState,
  evolve,
  initialState,
  type SigningKey,
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
      /** A pair to use if the settings ask for one. */
      readonly signingKey?: SigningKey;
      readonly at: string;
    }
  | {
      readonly kind: 'update';
      readonly settings: SubscriptionSettings;
      readonly signingKey?: SigningKey;
      readonly at: string;
    }
  | { readonly kind: 'pause'; readonly at: string }
  | { readonly kind: 'resume'; readonly at: string }
  | {
      readonly kind: 'disable';
      readonly reason: string;
      readonly missedSince?: string;
      readonly at: string;
    }
  | {
      readonly kind: 'rotate_secret';
      readonly secret: string;
      readonly signingKey?: SigningKey;
      readonly overlapEndsAt: string;
      readonly at: string;
    }
  | { readonly kind: 'delete'; readonly at: string };

/** Secrets that sign at once; each costs a signature on every request, and room in its headers. */
export const LIVE_SECRETS_MAX = 5;

/**
 * What a command makes happen; nothing when it asks for what is already so.
 *
 * Throws DomainError: `not_found` for a subscription that is not there (any more), `already_exists`
 * for a second creation, `failed_precondition` for pausing a disabled one, `invalid_argument` for a
 * rotation to the secret there is, `resource_exhausted` for one more than may sign at once.
 */
export function decide(
  command: SubscriptionCommand,
  state: SubscriptionState,
): readonly SubscriptionEvent[] {
  if (command.kind === 'create') {
    if (state.state !== 'absent') {
      throw new DomainError('already_exists', `there is a subscription ${command.id} already`);
    }
    const { kind: _, signingKey, ...created } = command;
    return [
      { type: 'SubscriptionCreated', ...created, ...keyIfUsed(created.settings, signingKey) },
    ];
  }
  if (state.state === 'absent') throw subscriptionNotFound();
  if (command.kind === 'disable') {
    // It comes from a delivery that failed some time ago: a deletion meanwhile is no fault.
    if (state.state === 'disabled' || state.state === 'deleted') return [];
    const { kind: _, ...disabling } = command;
    return [{ type: 'SubscriptionDisabled', ...disabling }];
  }
  if (state.state === 'deleted') throw subscriptionNotFound();
  const { at } = command;
  switch (command.kind) {
    case 'update':
      return [...updated(command, state), ...resumed(state.state === 'disabled', at)];
    case 'pause':
      if (state.state === 'disabled') throw pausedWhileDisabled();
      return state.state === 'paused' ? [] : [{ type: 'SubscriptionPaused', at }];
    case 'resume':
      return resumed(state.state !== 'active', at);
    case 'rotate_secret':
      return [rotated(command, state)];
    case 'delete':
      return [{ type: 'SubscriptionDeleted', at }];
  }
}

/** The refusal for an id that is unknown, deleted or another tenant's: a caller cannot tell which. */
export function subscriptionNotFound(): DomainError {
  return new DomainError(
    'not_found',
    'there is no subscription of this id; it may have been deleted, or belong to another tenant',
  );
}

function resumed(isDue: boolean, at: string): SubscriptionEvent[] {
  return isDue ? [{ type: 'SubscriptionResumed', at }] : [];
}

function updated(
  { settings, signingKey, at }: Extract<SubscriptionCommand, { kind: 'update' }>,
  state: EstablishedState,
): SubscriptionEvent[] {
  if (isDeepStrictEqual(settings, state.settings)) return [];
  const isNew = state.secrets[0]?.signingKey === undefined;
  const key = isNew ? keyIfUsed(settings, signingKey) : {};
  return [{ type: 'SubscriptionUpdated', settings, ...key, at }];
}

function rotated(
  command: Extract<SubscriptionCommand, { kind: 'rotate_secret' }>,
  state: EstablishedState,
): SubscriptionEvent {
  const { kind: _, signingKey, ...rotation } = command;
  if (state.secrets[0]?.value === command.secret) {
    const detail = 'it is the present secret; give another one, or none to have one made';
    throw new DomainError('invalid_argument', `secret: ${detail}`, {
      fields: [{ field: 'secret', detail }],
    });
  }
  const event: SubscriptionEvent = {
    type: 'SubscriptionSecretRotated',
    ...rotation,
    ...keyIfUsed(state.settings, signingKey),
  };
  const after = evolve(state, event);
  if (after.state !== 'absent' && after.secrets.length > LIVE_SECRETS_MAX) {
    const earliest = after.secrets.map(({ expiresAt }) => expiresAt ?? '~').toSorted()[0];
    throw new DomainError(
      'resource_exhausted',
      `at most ${LIVE_SECRETS_MAX} secrets sign at once; wait until ${earliest}, or rotate with an overlap of 0, which ends all older ones`,
    );
  }
  return event;
}

function keyIfUsed(settings: SubscriptionSettings, signingKey: SigningKey | undefined) {
  return signingKey !== undefined && signsWithKey(settings) ? { signingKey } : {};
}

function pausedWhileDisabled(): DomainError {
  return new DomainError(
    'failed_precondition',
    'the subscription is disabled and makes no deliveries; resume it before it can be paused',
  );
}

/** The Subscription aggregate. */
export const subscriptionDecider = { decide, evolve, initialState };
