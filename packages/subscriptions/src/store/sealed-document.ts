import type { Sealer } from '@hookline/credentials';
import type { EndpointAuth, SubscriptionSettings } from '../domain/settings.ts';
import type { Secret, SubscriptionEvent, SubscriptionState } from '../domain/subscription.ts';
import {
  contextOf,
  createSettingsCodec,
  openOr,
  type SealedPlace,
  type StoredSettings,
} from './sealed-settings.ts';

type Created = Extract<SubscriptionEvent, { type: 'SubscriptionCreated' }>;

/** Events as they are stored: `secret` is sealed. */
type StoredEvent =
  | (Omit<Created, 'settings'> & { readonly settings: StoredSettings })
  | Exclude<SubscriptionEvent, Created>;

/** The read model's `document`: settings and secrets, with all that is secret sealed. */
interface StoredDocument {
  readonly settings: StoredSettings;
  /** `value` is sealed. */
  readonly secrets: readonly Secret[];
}

/** A stored document; what is secret in it is opened when asked for, and may throw SealError then. */
export interface OpenedDocument {
  readonly settings: Omit<SubscriptionSettings, 'auth' | 'notificationEmails'>;
  readonly notificationEmails: () => readonly string[];
  readonly auth: () => EndpointAuth | undefined;
  readonly secrets: () => readonly Secret[];
}

type SealedState = Exclude<SubscriptionState, { state: 'absent' }>;

/** Seals and opens what is secret or personal of a subscription, in the log and in the read model alike. */
export interface SubscriptionCodec {
  /** The `data` under which an event goes into the log. */
  sealEvent(event: SubscriptionEvent, place: SealedPlace): unknown;
  openEvent(stored: { readonly type: string; readonly data: unknown }): SubscriptionEvent;
  sealDocument(state: SealedState): string;
  openDocument(document: string, place: SealedPlace): OpenedDocument;
  /** The same document, everything in it sealed anew. */
  resealDocument(document: string, place: SealedPlace): string;
}

export function createSubscriptionCodec(sealer: Sealer): SubscriptionCodec {
  const { sealSettings, openSettings, openAuth, openEmails } = createSettingsCodec(sealer);

  const sealParts = (
    { settings, secrets }: Pick<SealedState, 'settings' | 'secrets'>,
    place: SealedPlace,
  ): string => {
    const document: StoredDocument = {
      settings: sealSettings(settings, place),
      secrets: secrets.map((secret) => ({
        ...secret,
        value: sealer.seal(secret.value, contextOf(place, 'secret')),
      })),
    };
    return JSON.stringify(document);
  };

  const codec: SubscriptionCodec = {
    sealEvent(event, place) {
      const { type: _, ...data } = event;
      if (event.type !== 'SubscriptionCreated') return data;
      const secret = sealer.seal(event.secret, contextOf(place, 'secret'));
      return { ...data, settings: sealSettings(event.settings, place), secret };
    },
    openEvent({ type, data }) {
      const event = { type, ...(data as object) } as StoredEvent;
      if (event.type !== 'SubscriptionCreated') return event;
      return {
        ...event,
        settings: openSettings(event.settings, event),
        secret: openOr('', () => sealer.open(event.secret, contextOf(event, 'secret'))),
      };
    },
    sealDocument: (state) => sealParts(state, state),
    resealDocument(document, place) {
      const opened = codec.openDocument(document, place);
      const auth = opened.auth();
      const settings = {
        ...opened.settings,
        notificationEmails: opened.notificationEmails(),
        ...(auth !== undefined && { auth }),
      };
      return sealParts({ settings, secrets: opened.secrets() }, place);
    },
    openDocument(document, place) {
      const stored = JSON.parse(document) as StoredDocument;
      const { auth, notificationEmails, ...settings } = stored.settings;
      return {
        settings,
        notificationEmails: () => openEmails(notificationEmails, place),
        auth: () => (auth === undefined ? undefined : openAuth(auth, place)),
        secrets: () =>
          stored.secrets.map((secret) => ({
            ...secret,
            value: sealer.open(secret.value, contextOf(place, 'secret')),
          })),
      };
    },
  };
  return codec;
}
