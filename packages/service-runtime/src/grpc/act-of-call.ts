import type { TenantSealer } from '@hookline/credentials';
import type { EventMetadata } from '@hookline/event-log';
import { parseTraceparent } from '@hookline/telemetry';
import type { GrpcCall } from './grpc-call.ts';

/** Where an act came from is personal, and sealed under the tenant's key in this context. */
export function originContext(tenant: string): string {
  return `audit:${tenant}/origin`;
}

/**
 * As whom, from where and why a call of the caller's tenant goes into the log, which is what the audit
 * log shows. Throws what readying the tenant's key throws.
 */
export async function metadataOfCall(
  call: GrpcCall,
  {
    sealer,
    reason = '',
  }: { readonly sealer: Pick<TenantSealer, 'ready' | 'seal'>; readonly reason?: string },
): Promise<EventMetadata> {
  const { tenant, keyId } = call.caller;
  await sealer.ready([tenant]);
  const traceId = parseTraceparent(call.traceparent)?.traceId;
  const origin = JSON.stringify({ remote_address: call.remoteAddress });
  return {
    tenant,
    actor: `key:${keyId}`,
    attributes: {
      ...(call.remoteAddress !== '' && { origin: sealer.seal(origin, originContext(tenant)) }),
      ...(traceId !== undefined && { traceid: traceId }),
      ...(reason !== '' && { reason }),
    },
  };
}
