import {
  type AcceptedEvent,
  checkTypePattern,
  findEventType,
  typePatternFromVirtfusion,
  VIRTFUSION_CATCH_ALL,
  type VirtfusionName,
  virtfusionFromCanonical,
} from '@hookline/contracts';
import {
  canonicalView,
  type FilterView,
  type FormatTarget,
  type RenderedWebhook,
  type WebhookFormat,
} from './format.ts';
import { choice, optionValue } from './options.ts';
import { utcMicroseconds } from './times.ts';
import { builtData, type DottedKeys, forwardedData } from './virtfusion-data.ts';
import { type VirtfusionOriginal, virtfusionOriginal } from './virtfusion-original.ts';

/** What VirtFusion's own requests carry as user agent. */
const VENDOR_USER_AGENT = 'VirtFusion-Hookshot/57HE28D3RT';

/** The number of an event that VirtFusion does not have. */
const NO_ID = 0;

const ids = choice('ids', 'How hookId and hookEventId are written in the body', [
  'string',
  'integer',
]);
const dottedKeys = choice(
  'dotted_keys',
  'How keys such as ipv4.block are written in data: as nested objects, or literally',
  ['nested', 'literal'],
);
const userAgent = choice('user_agent', 'The User-Agent header of the requests', [
  'hookline',
  'virtfusion',
]);

/**
 * VirtFusion's webhook: its five headers, its body, its ids and names. What came from VirtFusion
 * goes out with its own data; anything else is built from canonical data. An event that VirtFusion
 * does not have goes out under its canonical name with the id 0. Phase pre is never sent: VirtFusion
 * has no such thing, and its receivers would read the event as having happened. Nor is a failed
 * `user.*`, which VirtFusion triggers on success alone.
 */
export const virtfusion: WebhookFormat = {
  name: 'virtfusion',
  audience: 'program',
  options: [ids, dottedKeys, userAgent],
  render,
  filterViews: (event): FilterView[] => {
    if (!isTold(event)) return [];
    const view = canonicalView(event);
    if (event.type.startsWith('hookline.')) return [view];
    return [...filterNames(event)].map((name) => ({ ...view, name }));
  },
  checkFilterPattern: (pattern) => {
    if (!/^\d+$/.test(pattern)) return checkTypePattern(pattern);
    return typePatternFromVirtfusion(pattern) === undefined
      ? `VirtFusion has no event ${pattern}; use an id of its list, such as 7 for server.boot`
      : undefined;
  },
};

/**
 * The `Authorization` header of VirtFusion's receivers: `Bearer ` and the token in base64, always
 * encoded. It is sent only when the subscription asks for authentication.
 */
export function virtfusionAuthorization(token: string): string {
  return `Bearer ${Buffer.from(token, 'utf8').toString('base64')}`;
}

function render(event: AcceptedEvent, target: FormatTarget): RenderedWebhook | undefined {
  if (!isTold(event)) return undefined;
  const original = virtfusionOriginal(event);
  const { id, name } = nameOf(event, original);
  const created = utcMicroseconds(event);
  const status = original?.eventStatus ?? event.status ?? 'success';
  const number = (value: number) =>
    optionValue(ids, target.options) === 'string' ? String(value) : value;
  const head = JSON.stringify({
    event: name,
    created,
    hookId: number(target.hookId),
    hookEventId: number(id),
    eventStatus: status,
    controlDomain: target.controlDomain,
    controlName: target.controlName,
    controlSupportLink: target.controlSupportLink,
  });
  const data =
    original === undefined
      ? builtData(event, name, optionValue(dottedKeys, target.options) as DottedKeys)
      : forwardedData(original.data);
  return {
    body: `${head.slice(0, -1)},"data":${data}}`,
    contentType: 'application/json',
    headers: {
      ...(optionValue(userAgent, target.options) === 'virtfusion' && {
        'User-Agent': VENDOR_USER_AGENT,
      }),
      Accept: 'application/json',
      'X-VirtFusion-Hook': String(target.hookId),
      'X-VirtFusion-Created': created,
      'X-VirtFusion-Hook-Event': String(id),
      'X-VirtFusion-Event': name,
      'X-VirtFusion-Event-Status': status,
    },
  };
}

/**
 * Whether VirtFusion has such a thing: it has no phase pre, and no failed event of a user. What came
 * from VirtFusion is told whatever it is.
 */
function isTold(event: AcceptedEvent): boolean {
  if (event.phase === 'pre') return false;
  if (event.status !== 'fail' || virtfusionOriginal(event) !== undefined) return true;
  return virtfusionFromCanonical(event.type)?.successOnly !== true;
}

/** What came from VirtFusion keeps its name, even one that the catalogue does not know. */
function nameOf(event: AcceptedEvent, original: VirtfusionOriginal | undefined): VirtfusionName {
  return original?.name ?? virtfusionFromCanonical(event.type) ?? { id: NO_ID, name: event.type };
}

function filterNames(event: AcceptedEvent): Set<string> {
  const { id, name } = nameOf(event, virtfusionOriginal(event));
  const names = new Set([event.type, name]);
  if (id !== NO_ID) names.add(String(id));
  for (const spelling of findEventType(event.type)?.virtfusion ?? []) {
    if (spelling.id === id) names.add(spelling.name);
  }
  return names.add(VIRTFUSION_CATCH_ALL.name).add(String(VIRTFUSION_CATCH_ALL.id));
}
