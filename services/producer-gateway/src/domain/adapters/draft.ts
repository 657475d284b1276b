import { ContractError, type EventDraft, objectText, redactSensitive } from '@hookline/contracts';

/** A request of another system, its body parsed once and with its text, so that bytes can be kept. */
export interface AdapterRequest {
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** JSON text of the body. */
  readonly text: string;
  /** What JSON.parse made of it. */
  readonly value: unknown;
  /** Takes the secrets out of a JSON text; absent: those of {@link redactSensitive}. */
  readonly redact?: (json: string) => string;
}

/** The body without its secrets. */
export function redactedText({ text, redact = redactSensitive }: AdapterRequest): string {
  return redact(text);
}

/** An event in canonical form, before it is known whose it is. */
export interface AdapterDraft extends Omit<EventDraft, 'tenant'> {
  /**
   * What a repeat of the same event has again, within `source`; absent where nothing tells a repeat
   * from another event, so that every request is a new one.
   */
  readonly sourceId?: string;
}

/** The events that a request is about, or what is wrong with it. */
export type Adapted =
  | { readonly kind: 'drafts'; readonly drafts: readonly AdapterDraft[] }
  | {
      readonly kind: 'fault';
      readonly code: string;
      readonly field: string | undefined;
      readonly reason: string;
    };

/** Runs an adapter; what it refuses becomes a value. */
export function adapted(adapt: () => readonly AdapterDraft[]): Adapted {
  try {
    return { kind: 'drafts', drafts: adapt() };
  } catch (error) {
    if (!(error instanceof ContractError)) throw error;
    return { kind: 'fault', code: error.code, field: error.field, reason: error.message };
  }
}

/** The body as an object. Throws ContractError `not_an_object`. */
export function bodyObject({ value }: AdapterRequest): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Readonly<Record<string, unknown>>;
  }
  throw new ContractError('not_an_object', 'the body is no JSON object; send one');
}

/** Canonical members in bytes, at most: a body of 256 KiB must not become an event of twice as much. */
const CANONICAL_BYTES_MAX = 32 * 1024;

/**
 * The data of an event: canonical members, then the original under `source`. A member that would
 * make the canonical ones too many bytes is left out, since the original has it as well.
 */
export function dataWithSource(
  members: readonly (readonly [string, string])[],
  original: string,
): string {
  let room = CANONICAL_BYTES_MAX;
  const kept = members.filter(([key, value]) => {
    const bytes = Buffer.byteLength(key) + Buffer.byteLength(value);
    if (bytes > room) return false;
    room -= bytes;
    return true;
  });
  return objectText([...kept, ['source', original.trim()]]);
}
