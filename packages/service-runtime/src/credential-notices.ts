import { subjects } from '@hookline/contracts';
import type { ApiKeyVerifier, TenantSealer } from '@hookline/credentials';
import { type Nats, publishWakeUp, subscribeWakeUps } from '@hookline/messaging';

/** What every process that remembers credentials wants to know at once. */
export type CredentialNotice =
  | { readonly kind: 'api_key_revoked'; readonly keyId: string }
  /** Every key of some tenant. */
  | { readonly kind: 'api_keys_revoked' }
  /** The tenant's own key, under which its secrets are sealed, is destroyed. */
  | { readonly kind: 'tenant_purged'; readonly tenant: string };

/** Tells every process; while NATS is away they find out by themselves, for keys within 2 s. */
export function publishCredentialNotice(nats: Nats, notice: CredentialNotice): void {
  publishWakeUp(nats, subjects.credentialsChanged, JSON.stringify(notice));
}

export interface RememberedCredentials {
  readonly verifier: ApiKeyVerifier;
  /** Undefined until the service has opened its sealer. */
  readonly sealer: () => TenantSealer | undefined;
}

/**
 * Forgets what a notice names. After a reconnect, or a notice that cannot be read, every remembered
 * key is forgotten: notices may have been missed.
 */
export function followCredentialNotices(
  nats: Nats,
  { verifier, sealer }: RememberedCredentials,
): { stop(): void } {
  return subscribeWakeUps(nats, subjects.credentialsChanged, (wakeUp) => {
    const notice = wakeUp === undefined ? undefined : parseNotice(wakeUp.text);
    if (notice?.kind === 'api_key_revoked') {
      verifier.forget(notice.keyId);
      return;
    }
    verifier.forget();
    if (notice?.kind === 'tenant_purged') sealer()?.forget(notice.tenant);
  });
}

function parseNotice(text: string): CredentialNotice | undefined {
  try {
    return JSON.parse(text) as CredentialNotice;
  } catch {
    return undefined;
  }
}
