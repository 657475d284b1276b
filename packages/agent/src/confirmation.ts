/** What became of a published event. */
export type PublishOutcome =
  /** It is in the log, and will be delivered to everyone who subscribed. */
  | {
      readonly kind: 'accepted';
      readonly sourceId: string;
      /** `evt_…`; for a repeat, the first one's. */
      readonly eventId: string;
      /** Its place in the log; for a repeat, the first one's. */
      readonly position: number;
    }
  /** It failed a check; Hookline keeps it, to be corrected and put in again. */
  | {
      readonly kind: 'rejected';
      readonly sourceId: string;
      /** A stable code for programs, such as `not_json`. */
      readonly code: string;
      readonly reason: string;
    };

/** Reads an answer; undefined for one that is none of ours, such as a newer version's. */
export function parseConfirmation(text: string): PublishOutcome | undefined {
  let answer: Record<string, unknown>;
  try {
    answer = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { source_id: sourceId, event_id: eventId, position } = answer ?? {};
  if (typeof sourceId !== 'string') return undefined;
  if (typeof eventId === 'string' && typeof position === 'number') {
    return { kind: 'accepted', sourceId, eventId, position };
  }
  const rejected = answer.rejected as { code?: unknown; reason?: unknown } | undefined;
  if (rejected === undefined) return undefined;
  return {
    kind: 'rejected',
    sourceId,
    code: String(rejected.code),
    reason: String(rejected.reason),
  };
}
