import { hash } from 'node:crypto';

/**
 * The key under which a published message is known: SHA-256 of tenant, principal (`nats:<host>`, or
 * empty over HTTP and gRPC), source and source id. Two hosts, or two tenants, never share a key.
 */
export function idempotencyKey(message: {
  readonly tenant: string;
  readonly principal: string;
  readonly source: string;
  readonly sourceId: string;
}): Buffer {
  const parts = [message.tenant, message.principal, message.source, message.sourceId];
  return hash('sha256', JSON.stringify(parts), 'buffer');
}

/** The key of a message without a source id: every one is a new event, but its retry is not. */
export function ownKey(eventId: string): Buffer {
  return hash('sha256', eventId, 'buffer');
}
