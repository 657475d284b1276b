import { isUtf8 } from 'node:buffer';
import { enumText, type RejectedMessage, RejectedState } from '@hookline/contracts';
import { instantText, textOrNull } from './times.ts';

/** A rejected message as REST shows it; bytes that are no UTF-8 go in base64. */
export function toRejectedJson(message: RejectedMessage) {
  const payload = Buffer.from(message.payload);
  const encoding = isUtf8(payload) ? 'text' : 'base64';
  return {
    id: message.id,
    state: enumText(RejectedState, 'REJECTED_STATE_', message.state) ?? 'open',
    code: message.code,
    reason: message.reason,
    suggestion: message.suggestion,
    channel: message.channel,
    address: textOrNull(message.address),
    host: textOrNull(message.host),
    source_id: textOrNull(message.sourceId),
    headers: message.headers,
    payload: payload.toString(encoding === 'text' ? 'utf8' : 'base64'),
    payload_encoding: encoding,
    payload_size: Number(message.payloadSize),
    payload_sha256: message.payloadSha256,
    event_id: textOrNull(message.eventId),
    received_at: instantText(message.receiveTime),
  };
}
