import { isId } from './ids.ts';
import { isTenantName } from './subjects.ts';

/** The type of the event that a ping sends. */
export const PING_TYPE = 'hookline.ping';

/** Longest wait for the end of a ping's attempt: 30 s of timeout, and what is around it. */
export const PING_WAIT_MS_MAX = 35_000;

/** What the subscription service asks of a dispatcher. */
export interface PingRequest {
  readonly tenant: string;
  readonly subscriptionId: string;
  /** Of the event to be made: who asks can name it, and its delivery, before the answer. */
  readonly eventId: string;
  /** Unix time in milliseconds from which on nobody waits; one read later is not begun. */
  readonly expiresAtMs: number;
}

/** How it went: on record as an attempt, or not begun, since it is unknown there or too many are under way. */
export type PingReply = {
  readonly kind: 'attempted' | 'not_found' | 'busy' | 'failed';
};

const replyKinds: readonly string[] = ['attempted', 'not_found', 'busy', 'failed'];

/** The text of a request or a reply on the wire. */
export function encodePing(message: PingRequest | PingReply): string {
  return JSON.stringify(message);
}

/** Reads a request; undefined for anything else. */
export function decodePingRequest(text: string): PingRequest | undefined {
  const { tenant, subscriptionId, eventId, expiresAtMs } = parse(text) as Partial<PingRequest>;
  if (typeof tenant !== 'string' || !isTenantName(tenant)) return undefined;
  if (typeof subscriptionId !== 'string' || !isId('sub', subscriptionId)) return undefined;
  if (typeof eventId !== 'string' || !isId('evt', eventId)) return undefined;
  if (typeof expiresAtMs !== 'number') return undefined;
  return { tenant, subscriptionId, eventId, expiresAtMs };
}

/** Reads a reply; anything else counts as failed. */
export function decodePingReply(text: string): PingReply {
  const { kind } = parse(text) as Partial<PingReply>;
  return { kind: kind !== undefined && replyKinds.includes(kind) ? kind : 'failed' };
}

function parse(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
