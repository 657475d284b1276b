import type { Sealer } from '@hookline/credentials';
import type { EndpointAuth, SubscriptionSettings } from '../domain/settings.ts';
import type {
  EstablishedState,
  Secret,
  SigningKey,
  SubscriptionEvent,
} from '../domain/subscription.ts';
import {
  contextOf,
  createSettingsCodec,
  openOr,
  type SealedPlace,
  type StoredSettings,
} from './sealed-settings.ts';

/** An event as it is stored: the credential, `secret` and the private key are sealed. */
type Sealed<E> = E extends { readonly settings: SubscriptionSettings }
  ? Omit<E, 'settings'> & { readonly settings: StoredSettings }
  : E;
type StoredEvent = Sealed<SubscriptionEvent>;

/** The read model's `document`: settings and secrets, with all that is secret sealed. */
interface StoredDocument {
  readonly settings: StoredSettings;
  /** `value` and the private key are sealed. */
  readonly secrets: readonly Secret[];
}

/** A stored document; what is secret in it is opened when asked for, and may throw SealError then. */
export interface OpenedDocument {
  readonly settings: Omit<SubscriptionSettings, 'auth' | 'notificationEmails'>;
  readonly notificationEmails: () => readonly string[];
  readonly auth: () => EndpointAuth | undefined;
  readonly secrets: () => readonly Secret[];
  /** Of the newest secret, `whpk_…`; undefined when it has none. */
  readonly publicKey: string | undefined;
}

/** Seals and opens what is secret or personal of a subscription, in the log and in the read model alike. */
export interface SubscriptionCodec {
  /** Has the keys of these tenants at hand, which all that follows needs. */
  ready(tenants: Iterable<string>): Promise<void>;
  /** The `data` under which an event goes into the log. */
  sealEvent(event: SubscriptionEvent, place: SealedPlace): unknown;
  openEvent(
    stored: { readonly type: string; readonly data: unknown },
    place: SealedPlace,
  ): SubscriptionEvent;
  sealDocument(state: EstablishedState): string;
  openDocument(document: string, place: SealedPlace): OpenedDocument;
  /** The same document, everything in it sealed anew. */
  resealDocument(document: string, place: SealedPlace): string;
}

export function createSubscriptionCodec(sealer: Sealer): SubscriptionCodec {
  const { sealSettings, openSettings, openAuth, openEmails } = createSettingsCodec(sealer);

  /** Seals, or opens, `secret` and the private key of an event, as far as it has them. */
  const withSecrets = <E extends StoredEvent>(event: E, change: Change): E => ({
    ...event,
    ...('secret' in event && { secret: change(event.secret, 'secret') }),
    ...('signingKey' in event && withKey(event, change)),
  });
  const sealing =
    (place: SealedPlace): Change =>
    (text, part) =>
      sealer.seal(text, contextOf(place, part));
  const opening =
    (place: SealedPlace): Change =>
    (text, part) =>
      sealer.open(text, contextOf(place, part));
  const changeSecret = (secret: Secret, change: Change): Secret => ({
    ...secret,
    value: change(secret.value, 'secret'),
    ...withKey(secret, change),
  });

  const sealParts = (
    { settings, secrets }: Pick<EstablishedState, 'settings' | 'secrets'>,
    place: SealedPlace,
  ): string => {
    const document: StoredDocument = {
      settings: sealSettings(settings, place),
      secrets: secrets.map((secret) => changeSecret(secret, sealing(place))),
    };
    return JSON.stringify(document);
  };

  const codec: SubscriptionCodec = {
    ready: (tenants) => sealer.ready(tenants),
    sealEvent(event, place) {
      const stored: StoredEvent =
        'settings' in event ? { ...event, settings: sealSettings(event.settings, place) } : event;
      const { type: _, ...data } = withSecrets(stored, sealing(place));
      return data;
    },
    openEvent({ type, data }, place) {
      const stored = { type, ...(data as object) } as StoredEvent;
      // What was shredded with its tenant is empty: a fold of the log goes on without it.
      const event = withSecrets(stored, (text, part) =>
        openOr('', () => opening(place)(text, part)),
      );
      if (!('settings' in event)) return event;
      return { ...event, settings: openSettings(event.settings, place) };
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
        secrets: () => stored.secrets.map((secret) => changeSecret(secret, opening(place))),
        publicKey: stored.secrets[0]?.signingKey?.publicKey,
      };
    },
  };
  return codec;
}

/** Seals or opens one text. */
type Change = (text: string, part: string) => string;

function withKey({ signingKey }: { readonly signingKey?: SigningKey }, change: Change) {
  if (signingKey === undefined) return {};
  const privateKey = change(signingKey.privateKey, 'signing-key');
  return { signingKey: { ...signingKey, privateKey } };
}
