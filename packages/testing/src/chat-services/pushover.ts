import { ChatRefusal, checkAddress, jsonOf, type Shape, shapeOf } from './shape.ts';
import { type ChatRequest, type ChatStandIn, jsonAnswer } from './stand-in.ts';

const KNOWN = [
  ...['token', 'user', 'message', 'title', 'device', 'priority', 'retry', 'expire', 'timestamp'],
  ...['url', 'url_title', 'html', 'monospace', 'sound', 'ttl', 'tags', 'callback'],
];
const EMERGENCY = 2;
const RETRY_SECONDS_MIN = 30;
const EXPIRE_SECONDS_MAX = 10_800;

/**
 * Pushover's API for messages: https://pushover.net/api. It notifies the user of the key and nobody
 * else, whatever the text says.
 */
export const pushover: ChatStandIn = {
  path: '/1/messages.json',
  read: (request) => {
    checkAddress(request, /^\/1\/messages\.json$/);
    const shape = shapeOf(payloadOf(request), '', KNOWN);
    key(shape, 'token', 'application token is invalid');
    key(shape, 'user', 'user identifier is not a valid user, group, or subscribed user key');
    const message = shape.text('message', { max: 1024 });
    const title = shape.optionalText('title', { max: 250 });
    if (shape.has('url')) shape.webAddress('url', { max: 512 });
    const linkTitle = shape.optionalText('url_title', { max: 100 });
    if (linkTitle !== undefined && !shape.has('url')) shape.refuse('url_title', 'has no url');
    const device = shape.optionalText('device', { max: 25 * 10 });
    if (device !== undefined && !/^[\w-]{1,25}(,[\w-]{1,25})*$/.test(device)) {
      shape.refuse('device', 'is no name of a device');
    }
    if (shape.has('timestamp')) shape.integer('timestamp', { min: 0, max: 2 ** 40 });
    checkPriority(shape);
    const show = shape.members.html === 1 ? withoutTags : (text: string) => text;
    const texts = [title, message, linkTitle].filter((text) => text !== undefined);
    return { shown: texts.map(show), pings: [] };
  },
  taken: (request) => {
    const { priority } = payloadOf(request) as Record<string, unknown>;
    const receipt = priority === EMERGENCY ? { receipt: 'r'.repeat(30) } : {};
    return jsonAnswer(200, {
      status: 1,
      request: '647d2300-702c-4b38-8b2f-d56326ae460b',
      ...receipt,
    });
  },
  refused: ({ status, message }) =>
    jsonAnswer(status === 415 ? 400 : status, {
      errors: [message],
      status: 0,
      request: '5042853c-402d-4a18-abcb-168734a801de',
    }),
};

/** JSON, or a form, whose numbers are texts. */
function payloadOf(request: ChatRequest): unknown {
  if (!request.contentType.startsWith('application/x-www-form-urlencoded')) return jsonOf(request);
  const given = [...new URLSearchParams(request.body)];
  const numbers = ['priority', 'retry', 'expire', 'timestamp', 'html', 'monospace', 'ttl'];
  return Object.fromEntries(
    given.map(([name, value]) => [name, numbers.includes(name) ? Number(value) : value]),
  );
}

function key(shape: Shape, name: string, fault: string): void {
  if (!/^[A-Za-z0-9]{30}$/.test(String(shape.members[name] ?? ''))) throw new ChatRefusal(fault);
}

/** An emergency is repeated every `retry` seconds until `expire`: both must be there, and within bounds. */
function checkPriority(shape: Shape): void {
  if (!shape.has('priority')) return;
  if (shape.integer('priority', { min: -2, max: EMERGENCY }) !== EMERGENCY) return;
  for (const name of ['retry', 'expire']) {
    if (!shape.has(name)) throw new ChatRefusal(`${name} must be supplied with priority=2`);
  }
  shape.integer('retry', { min: RETRY_SECONDS_MIN, max: 86_400 });
  shape.integer('expire', { min: 1, max: EXPIRE_SECONDS_MAX });
}

function withoutTags(text: string): string {
  return text.replaceAll(/<[^>]*>/g, '');
}
