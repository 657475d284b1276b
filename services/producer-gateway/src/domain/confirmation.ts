/** What became of a message, as its agent hears it. */
export type Confirmation =
  | { readonly sourceId: string; readonly eventId: string; readonly position: bigint }
  | { readonly sourceId: string; readonly heartbeat: true }
  | { readonly sourceId: string; readonly code: string; readonly reason: string };

/** The JSON an agent gets on its inbox, sent after the commit. */
export function confirmationJson(confirmation: Confirmation): string {
  const { sourceId } = confirmation;
  if ('code' in confirmation) {
    const { code, reason } = confirmation;
    return JSON.stringify({ source_id: sourceId, rejected: { code, reason } });
  }
  if ('heartbeat' in confirmation) {
    return JSON.stringify({ source_id: sourceId, heartbeat: true });
  }
  const { eventId, position } = confirmation;
  return `{"source_id":${JSON.stringify(sourceId)},"event_id":"${eventId}","position":${position}}`;
}
