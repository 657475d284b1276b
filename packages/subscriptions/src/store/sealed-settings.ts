import { type Sealer, ShreddedError } from '@hookline/credentials';
import type { EndpointAuth, SubscriptionSettings } from '../domain/settings.ts';

/** Which subscription a sealed value belongs to; it opens nowhere else. */
export interface SealedPlace {
  readonly tenant: string;
  readonly id: string;
}

/** Settings as they are stored: the credential, and who is told of trouble, are sealed JSON. */
export type StoredSettings = Omit<SubscriptionSettings, 'auth' | 'notificationEmails'> & {
  readonly auth?: string;
  /** A list in clear, where it is empty or older than its being sealed. */
  readonly notificationEmails: string | readonly string[];
};

/** Seals and opens what is secret or personal in a subscription's settings. */
export function createSettingsCodec(sealer: Sealer) {
  const openAuth = (sealed: string, place: SealedPlace) =>
    JSON.parse(sealer.open(sealed, contextOf(place, 'auth'))) as EndpointAuth;
  const openEmails = (stored: StoredSettings['notificationEmails'], place: SealedPlace) =>
    typeof stored === 'string'
      ? (JSON.parse(sealer.open(stored, contextOf(place, 'emails'))) as readonly string[])
      : stored;
  return {
    openAuth,
    openEmails,
    sealSettings(settings: SubscriptionSettings, place: SealedPlace): StoredSettings {
      const { auth, notificationEmails, ...rest } = settings;
      return {
        ...rest,
        notificationEmails:
          notificationEmails.length === 0
            ? []
            : sealer.seal(JSON.stringify(notificationEmails), contextOf(place, 'emails')),
        ...(auth !== undefined && {
          auth: sealer.seal(JSON.stringify(auth), contextOf(place, 'auth')),
        }),
      };
    },
    /** What was shredded with its tenant is left out: a fold of the log goes on without it. */
    openSettings(stored: StoredSettings, place: SealedPlace): SubscriptionSettings {
      const { auth: sealed, notificationEmails, ...rest } = stored;
      const auth =
        sealed === undefined ? undefined : openOr(undefined, () => openAuth(sealed, place));
      return {
        ...rest,
        notificationEmails: openOr([], () => openEmails(notificationEmails, place)),
        ...(auth !== undefined && { auth }),
      };
    },
  };
}

export function contextOf(place: SealedPlace, part: string): string {
  return `subscription:${place.tenant}/${place.id}:${part}`;
}

/** What `open` answers, or the fallback when the tenant's key has been destroyed. */
export function openOr<T>(fallback: T, open: () => T): T {
  try {
    return open();
  } catch (error) {
    if (error instanceof ShreddedError) return fallback;
    throw error;
  }
}
