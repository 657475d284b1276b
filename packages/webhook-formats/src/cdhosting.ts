import {
  type AcceptedEvent,
  cdhostingFromCanonical,
  checkTypePattern,
  withoutMembers,
} from '@hookline/contracts';
import { signHexHmac } from '@hookline/webhook-signature';
import { type FilterView, type FormatOption, oncePerEvent, type WebhookFormat } from './format.ts';
import { optionValue } from './options.ts';
import { utcSeconds } from './times.ts';

const ERROR = 'server.error';
const SOURCE = new Set(['source']);

const signatureHeader: FormatOption = {
  name: 'signature_header',
  description: 'The header that carries the lower-case hex HMAC-SHA256 of the body',
  defaultValue: 'X-Webhook-Signature',
  check: checkHeaderName,
};

/**
 * CDHosting's webhook: `{"id","type","created_at","data"}` and the bare hex HMAC of the body, keyed
 * on the characters of the newest secret (one header holds one signature, so that a rotation takes
 * effect at once).
 *
 * Its receivers know neither phase nor status, so an event is projected to a name that says what
 * happened. Phase pre is never sent. A failed `server.*` (and a failed `vm.*` call of Xen Orchestra
 * that has no canonical type) becomes `server.error`; another failed event is not sent, since it
 * would read as having succeeded. `server.powered_off` becomes `server.stopped`.
 */
export const cdhosting: WebhookFormat = {
  name: 'cdhosting',
  audience: 'program',
  options: [signatureHeader],
  render: (event, target) => {
    const body = bodyOf(event);
    if (body === undefined) return undefined;
    const secret = target.secrets[0];
    const name = optionValue(signatureHeader, target.options);
    const headers = secret === undefined ? {} : { [name]: signHexHmac(secret, body) };
    return { body, contentType: 'application/json', headers };
  },
  filterViews: (event): FilterView[] => {
    const name = projectedType(event);
    if (name === undefined) return [];
    // A success is also found by its canonical name: who lists server.powered_off alone wants just
    // those, as server.stopped. A failure is found as server.error only.
    const names = event.status === 'fail' ? [name] : new Set([name, event.type]);
    return Array.from(names, (seen) => ({ name: seen, phase: 'post' }));
  },
  checkFilterPattern: checkTypePattern,
};

/** The name under which CDHosting's receivers see an event; undefined when they never do. */
function projectedType(event: AcceptedEvent): string | undefined {
  const { type, phase, status } = event;
  if (phase === 'pre') return undefined;
  if (status !== 'fail') return cdhostingFromCanonical(type);
  return type.startsWith('server.') || type.startsWith('xo.vm.') ? ERROR : undefined;
}

const bodyOf = oncePerEvent((event): string | undefined => {
  const type = projectedType(event);
  if (type === undefined) return undefined;
  const head = JSON.stringify({ id: event.id, type, created_at: utcSeconds(event) });
  return `${head.slice(0, -1)},"data":${withoutMembers(event.data, SOURCE)}}`;
});

function checkHeaderName(value: string): string | undefined {
  if (!/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$/.test(value)) {
    return `"${value.slice(0, 64)}" is no header name; use 1 to 64 letters, digits and hyphens, for instance "X-Webhook-Signature"`;
  }
  if (RESERVED_HEADER.test(value)) {
    return `the header "${value}" has a meaning of its own; choose another name, for instance "X-Webhook-Signature"`;
  }
  return undefined;
}

/** Headers that the request or every delivery needs for itself. */
const RESERVED_HEADER =
  /^(host|connection|keep-alive|te|trailer|upgrade|expect|date|accept|cookie|authorization|user-agent|traceparent|tracestate|transfer-encoding|content-.*|proxy-.*|webhook-.*|hookline-.*)$/i;
