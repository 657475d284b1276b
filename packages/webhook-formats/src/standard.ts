import { type AcceptedEvent, checkTypePattern, formatSequence } from '@hookline/contracts';
import { canonicalView, oncePerEvent, type WebhookFormat } from './format.ts';

/**
 * The payload of Standard Webhooks 1.0 with the envelope's members after it:
 * `{"type","timestamp","data","id","subject","sequence","phase","status"}`.
 *
 * `data` is spliced in byte for byte. `subject` is left out when the event is about no server, and
 * `status` on phase pre; `sequence` is a text of 20 digits, since a number would lose its last ones.
 */
export const standard: WebhookFormat = {
  name: 'standard',
  audience: 'program',
  options: [],
  render: (event) => ({ body: bodyOf(event), contentType: 'application/json', headers: {} }),
  filterViews: (event) => [canonicalView(event)],
  checkFilterPattern: checkTypePattern,
};

const bodyOf = oncePerEvent((event: AcceptedEvent): string => {
  const { type, time, data, id, subject, phase, status } = event;
  const head = JSON.stringify({ type, timestamp: time });
  const rest = JSON.stringify({
    id,
    subject,
    sequence: formatSequence(event.sequence),
    phase,
    status,
  });
  return `${head.slice(0, -1)},"data":${data},${rest.slice(1)}`;
});
