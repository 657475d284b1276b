import type { GrpcCall } from '@hookline/service-runtime';
import type { SubscriptionTarget } from '@hookline/subscriptions';

/** Which subscription a call is about, in the caller's tenant, and who changes it. */
export function targetOf(
  { id, etag }: { readonly id: string; readonly etag: string },
  { caller, signal }: GrpcCall,
): SubscriptionTarget {
  return { tenant: caller.tenant, subscriptionId: id, actor: actorOf(caller), etag, signal };
}

/** As whom a change goes into the log. */
export function actorOf({ keyId }: GrpcCall['caller']): string {
  return `key:${keyId}`;
}
