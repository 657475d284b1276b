import type { TenantSealer } from '@hookline/credentials';
import type { EventMetadata } from '@hookline/event-log';
import type { GrpcCall } from '@hookline/service-runtime';
import type { SubscriptionTarget } from '@hookline/subscriptions';
import { metadataOf } from '../postgres/act.ts';
import { actOf } from './admin-call.ts';

/** What seals where a call came from. */
export type OriginSealer = Pick<TenantSealer, 'ready' | 'seal'>;

/** Which subscription a call is about, in the caller's tenant, and who changes it from where. */
export async function targetOf(
  { id, etag }: { readonly id: string; readonly etag: string },
  call: GrpcCall,
  sealer: OriginSealer,
): Promise<SubscriptionTarget> {
  const { signal } = call;
  return { ...(await authorOf(call, sealer)), subscriptionId: id, etag, signal };
}

/** As whom, and from where, a change goes into the log of the caller's tenant. */
export async function authorOf(call: GrpcCall, sealer: OriginSealer): Promise<EventMetadata> {
  const { tenant } = call.caller;
  await sealer.ready([tenant]);
  return metadataOf(actOf(call), tenant, sealer);
}
