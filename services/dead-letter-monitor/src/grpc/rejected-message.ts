import { RejectedMessage, RejectedState } from '@hookline/contracts';
import type { RejectedRow } from '../postgres/list-rejected.ts';

const CREDENTIAL_HEADER = /authorization|cookie|token|secret|api-?key|signature/i;
const SOURCE_ID_HEADER = 'nats-msg-id';

const SUGGESTIONS: Readonly<Record<string, string>> = {
  invalid_json: 'Publish one JSON object, in UTF-8.',
  invalid_type: 'Publish on hv.<tenant>.<host>.<type> with a type such as server.started.',
  type_mismatch: 'Let the type in the message be the one in the subject.',
  reserved_type: 'Types that begin with hookline. are made by Hookline; choose another.',
  payload_too_large: 'Publish at most 256 KiB; send a link to what is larger.',
  unknown_tenant: 'Create the tenant, then put this message in again.',
};

export function toRejectedMessage(row: RejectedRow): RejectedMessage {
  const headers = headersOf(row.headers);
  const sourceId = Object.entries(headers).find(
    ([name]) => name.toLowerCase() === SOURCE_ID_HEADER,
  )?.[1];
  return RejectedMessage.create({
    id: row.rejected_id,
    state:
      row.resolved_at === null
        ? RejectedState.REJECTED_STATE_OPEN
        : RejectedState.REJECTED_STATE_RESUBMITTED,
    code: row.code,
    reason: row.reason,
    suggestion: SUGGESTIONS[row.code] ?? 'Correct what the reason names, and put it in again.',
    channel: row.channel,
    address: row.subject ?? '',
    host: row.host ?? '',
    sourceId: sourceId ?? '',
    headers,
    payload: row.payload,
    payloadSize: BigInt(row.payload_bytes),
    payloadSha256: row.payload_sha256.toString('hex'),
    eventId: row.event_id ?? '',
    receiveTime: row.received_at,
  });
}

function headersOf(text: string): Record<string, string> {
  const headers = JSON.parse(text) as Record<string, unknown>;
  return Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => !CREDENTIAL_HEADER.test(name))
      .map(([name, value]) => [name, String(value)]),
  );
}
