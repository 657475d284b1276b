import { createHash, randomBytes } from 'node:crypto';
import { TypeID } from 'typeid-js';

/** What an id names: event, subscription, delivery, attempt, replay, API key, tenant, agent, rejected message, incident, audit entry. */
export type IdPrefix =
  | 'evt'
  | 'sub'
  | 'dlv'
  | 'att'
  | 'rpl'
  | 'key'
  | 'ten'
  | 'agt'
  | 'rej'
  | 'inc'
  | 'aud';

const TIME_BYTES = 6;

function uuidV7(timeMs: number, random: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(16);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(timeMs) << 16n);
  bytes.set(random.subarray(0, 10), TIME_BYTES);
  return asVersion7(bytes);
}

/** Sets the version and variant bits of RFC 9562. */
function asVersion7(bytes: Uint8Array): Uint8Array {
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x70;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  return bytes;
}

/** A new TypeID over UUIDv7, for instance `evt_01jz…`. `timeMs` is Unix time in milliseconds. */
export function newId(prefix: IdPrefix, timeMs: number = Date.now()): string {
  return TypeID.fromUUIDBytes(prefix, uuidV7(timeMs, randomBytes(10))).toString();
}

/** Whether `value` is a well-formed id of this prefix; says nothing of its existence. */
export function isId(prefix: IdPrefix, value: string): boolean {
  return (
    value.startsWith(`${prefix}_`) &&
    /^[0-7][0-9a-hjkmnp-tv-z]{25}$/.test(value.slice(prefix.length + 1))
  );
}

/** The Unix time in milliseconds that an id carries. */
export function idTimeMs(id: string): number {
  const bytes = TypeID.fromString(id).toUUIDBytes();
  return Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0) >> 16n);
}

/**
 * The id of the delivery of one event to one subscription, which is also its `webhook-id`: the
 * event's time and SHA-256 of both ids, so that every attempt, replay and crash arrives at the same.
 */
export function deliveryId(eventId: string, subscriptionId: string): string {
  const bytes = new Uint8Array(16);
  bytes.set(TypeID.fromString(eventId).toUUIDBytes().subarray(0, TIME_BYTES));
  const digest = createHash('sha256').update(`${eventId}:${subscriptionId}`).digest();
  bytes.set(digest.subarray(0, 10), TIME_BYTES);
  return TypeID.fromUUIDBytes('dlv', asVersion7(bytes)).toString();
}
