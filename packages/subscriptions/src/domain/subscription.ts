import type { SubscriptionSettings } from './settings.ts';

/** An ed25519 pair, for subscriptions that sign with one besides their secret. */
export interface SigningKey {
  /** `whsk_…`, a secret. */
  readonly privateKey: string;
  /** `whpk_…`, for receivers. */
  readonly publicKey: string;
}

/** A signing secret. With a rotation the older ones get an end; until then all of them sign. */
export interface Secret {
  readonly value: string;
  /** Rotates together with the secret. */
  readonly signingKey?: SigningKey;
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
      readonly signingKey?: SigningKey;
      readonly at: string;
    }
  | {
      readonly type: 'SubscriptionUpdated';
      /** All of them, changed or not. */
      readonly settings: SubscriptionSettings;
      /** Made since the settings ask for one for the first time. */
      readonly signingKey?: SigningKey;
      readonly at: string;
    }
  | { readonly type: 'SubscriptionPaused'; readonly at: string }
  /** From paused or from disabled. */
  | { readonly type: 'SubscriptionResumed'; readonly at: string }
  | {
      readonly type: 'SubscriptionDisabled';
      readonly reason: string;
      /** Of what was accepted from then on, some is not delivered; absent: from `at` on. */
      readonly missedSince?: string;
      readonly at: string;
    }
  | {
      readonly type: 'SubscriptionSecretRotated';
      readonly secret: string;
      readonly signingKey?: SigningKey;
      /** Until when those before sign as well, unless their own end comes first. */
      readonly overlapEndsAt: string;
      readonly at: string;
    }
  | { readonly type: 'SubscriptionDeleted'; readonly at: string };

/** What every subscription has, whatever its state. */
interface Established {
  readonly id: string;
  readonly tenant: string;
  readonly hookNumber: number;
  readonly settings: SubscriptionSettings;
  /** Newest first. */
  readonly secrets: readonly Secret[];
  /** When it was last re-enabled; absent when it never was. */
  readonly enabledAt?: string;
  readonly createdAt: string;
  readonly updatedAt: string;
}

export type SubscriptionState =
  | { readonly state: 'absent' }
  | ({ readonly state: 'active' | 'paused' | 'deleted' } & Established)
  | ({
      readonly state: 'disabled';
      readonly disabledReason: string;
      readonly disabledAt: string;
      /** When what is missed begins, if that is before it was disabled. */
      readonly missedSince?: string;
    } & Established);

/** A subscription that is, or was, there. */
export type EstablishedState = Exclude<SubscriptionState, { state: 'absent' }>;

export function initialState(): SubscriptionState {
  return { state: 'absent' };
}

/** What the subscription is after the event. */
export function evolve(state: SubscriptionState, event: SubscriptionEvent): SubscriptionState {
  if (event.type === 'SubscriptionCreated') {
    const { type: _, secret, signingKey, at, ...created } = event;
    const secrets = [newSecret(event)];
    return { state: 'active', ...created, secrets, createdAt: at, updatedAt: at };
  }
  if (state.state === 'absent') {
    throw new Error(`a subscription's log begins with ${event.type}, not with SubscriptionCreated`);
  }
  return { ...evolveEstablished(state, event), updatedAt: event.at };
}

function evolveEstablished(
  state: EstablishedState,
  event: Exclude<SubscriptionEvent, { type: 'SubscriptionCreated' }>,
): EstablishedState {
  switch (event.type) {
    case 'SubscriptionUpdated':
      return { ...state, settings: event.settings, secrets: withKey(state.secrets, event) };
    case 'SubscriptionSecretRotated':
      return { ...state, secrets: [newSecret(event), ...endingSecrets(state.secrets, event)] };
    case 'SubscriptionPaused':
      return { ...established(state), state: 'paused' };
    case 'SubscriptionResumed': {
      const enabled = state.state === 'disabled' && { enabledAt: event.at };
      return { ...established(state), ...enabled, state: 'active' };
    }
    case 'SubscriptionDisabled': {
      const { reason: disabledReason, at: disabledAt, missedSince } = event;
      const disabled = {
        disabledReason,
        disabledAt,
        ...(missedSince !== undefined && { missedSince }),
      };
      return { ...established(state), ...disabled, state: 'disabled' };
    }
    case 'SubscriptionDeleted':
      return { ...established(state), state: 'deleted' };
  }
}

function newSecret(event: {
  readonly secret: string;
  readonly signingKey?: SigningKey;
  readonly at: string;
}): Secret {
  const { secret, signingKey, at } = event;
  return { value: secret, ...(signingKey !== undefined && { signingKey }), createdAt: at };
}

/** The newest secret gets a key that was made later than it. */
function withKey(
  secrets: readonly Secret[],
  { signingKey }: { readonly signingKey?: SigningKey },
): readonly Secret[] {
  if (signingKey === undefined) return secrets;
  return secrets.map((secret, index) => (index === 0 ? { ...secret, signingKey } : secret));
}

/** Those before a rotation, each with its end; one that has ended, or is the new one, is forgotten. */
function endingSecrets(
  secrets: readonly Secret[],
  rotation: { readonly secret: string; readonly overlapEndsAt: string; readonly at: string },
): Secret[] {
  const { overlapEndsAt, at } = rotation;
  return secrets.flatMap((secret) => {
    const own = secret.expiresAt;
    const expiresAt = own !== undefined && own < overlapEndsAt ? own : overlapEndsAt;
    return expiresAt > at && secret.value !== rotation.secret ? [{ ...secret, expiresAt }] : [];
  });
}

/** Without what belongs to one state alone. */
function established(state: EstablishedState): Established {
  const { id, tenant, hookNumber, settings, secrets, enabledAt, createdAt, updatedAt } = state;
  const enabled = enabledAt !== undefined && { enabledAt };
  return { id, tenant, hookNumber, settings, secrets, ...enabled, createdAt, updatedAt };
}
