import { isId } from './ids.ts';

/** Longest wait for a gateway that puts a rejected message in again; the append itself takes milliseconds. */
export const RESUBMIT_WAIT_MS_MAX = 10_000;

/** What the monitor asks of a gateway: put a rejected message in again, corrected or as it is. */
export interface ResubmitRequest {
  readonly tenant: string;
  readonly rejectedId: string;
  /** The event type instead of the one in the address. */
  readonly type?: string;
  /** The message instead of the one received, its bytes in base64. */
  readonly payload?: string;
  /** All headers instead of those received. */
  readonly headers?: Readonly<Record<string, string>>;
  /** As whom it goes into the log, and what else the audit log keeps of the call. */
  readonly actor: string;
  readonly attributes?: Readonly<Record<string, string>>;
}

/** How it went. `invalid` fails a check still, `refused` cannot be put in as things are. */
export type ResubmitReply =
  | {
      readonly kind: 'accepted';
      readonly eventId: string;
      /** A whole number; JSON has none so large. */
      readonly position: string;
      readonly duplicate: boolean;
    }
  | {
      readonly kind: 'invalid';
      readonly code: string;
      readonly field: string;
      readonly reason: string;
    }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'busy'; readonly reason: string; readonly retryAfterMs: number }
  | { readonly kind: 'not_found' }
  | { readonly kind: 'failed' };

const replyKinds: readonly string[] = [
  ...['accepted', 'invalid', 'refused', 'busy', 'not_found', 'failed'],
];

/** The text of a request or a reply on the wire. */
export function encodeResubmit(message: ResubmitRequest | ResubmitReply): string {
  return JSON.stringify(message);
}

/** Reads a request; undefined for anything else. */
export function decodeResubmitRequest(text: string): ResubmitRequest | undefined {
  const request = parse(text) as Partial<ResubmitRequest>;
  const { tenant, rejectedId, actor } = request;
  if (typeof tenant !== 'string' || typeof actor !== 'string') return undefined;
  if (typeof rejectedId !== 'string' || !isId('rej', rejectedId)) return undefined;
  return request as ResubmitRequest;
}

/** Reads a reply; anything else counts as failed. */
export function decodeResubmitReply(text: string): ResubmitReply {
  const reply = parse(text) as Partial<ResubmitReply>;
  const isKnown = reply.kind !== undefined && replyKinds.includes(reply.kind);
  return isKnown ? (reply as ResubmitReply) : { kind: 'failed' };
}

function parse(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
