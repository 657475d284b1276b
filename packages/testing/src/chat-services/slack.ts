import {
  ChatRefusal,
  checkAddress,
  jsonOf,
  type Shape,
  shapeOf,
  withoutEntities,
} from './shape.ts';
import type { ChatRequest, ChatStandIn, SeenMessage } from './stand-in.ts';

const TEXT_MAX = 40_000;
const BLOCKS_MAX = 50;
const ATTACHMENTS_MAX = 100;

/** How texts of one message are parsed, as far as calling somebody depends on it. */
interface Parsing {
  /** `@name` calls without brackets: `parse: full`, `link_names`, or mrkdwn that is not verbatim. */
  readonly bareNames: boolean;
}

const ENVELOPE = [
  ...['text', 'blocks', 'attachments', 'mrkdwn', 'parse', 'link_names', 'unfurl_links'],
  ...['unfurl_media', 'thread_ts', 'username', 'icon_emoji', 'icon_url', 'channel'],
];

/**
 * Slack's incoming webhooks: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks,
 * limits of Block Kit's reference. Brackets call wherever they stand, in plain text as well: that is
 * stricter than Slack, which says nothing about what its clients do with them.
 */
export const slack: ChatStandIn = {
  path: '/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX',
  read: (request) => {
    checkAddress(request, /^\/services\/T\w+\/B\w+\/\w+$/);
    const shape = shapeOf(payloadOf(request), '', ENVELOPE);
    const hasContent = ['text', 'blocks', 'attachments'].some((key) => shape.has(key));
    if (!hasContent) throw new ChatRefusal('no_text');
    const { parse, link_names } = shape.members;
    const parsing = { bareNames: parse === 'full' || link_names === true || link_names === 1 };
    const top = shape.optionalText('text', { max: TEXT_MAX });
    const attachments = shape.optionalList('attachments', { max: ATTACHMENTS_MAX });
    return joined([
      ...(top === undefined ? [] : [seen(top, parsing)]),
      ...shape.optionalList('blocks', { max: BLOCKS_MAX }).map((each) => block(each, parsing)),
      ...attachments.map((each) => attachment(each, parsing)),
    ]);
  },
  taken: () => ({ status: 200, contentType: 'text/html', body: 'ok' }),
  refused: ({ status, message }) => ({
    status: status === 415 ? 400 : status,
    contentType: 'text/html',
    body: status === 404 ? 'no_service' : message === 'no_text' ? message : 'invalid_payload',
  }),
};

/** JSON, or a form with JSON in `payload`. */
function payloadOf(request: ChatRequest): unknown {
  if (!request.contentType.startsWith('application/x-www-form-urlencoded')) return jsonOf(request);
  const body = new URLSearchParams(request.body).get('payload') ?? '';
  return jsonOf({ ...request, body, contentType: 'application/json' });
}

function attachment(value: unknown, parsing: Parsing): SeenMessage {
  const shape = shapeOf(value, 'attachments', ['color', 'fallback', 'blocks', 'text']);
  const colour = shape.optionalText('color', { max: 7 }) ?? 'good';
  if (!/^(good|warning|danger|#[0-9a-f]{6})$/i.test(colour)) shape.refuse('color', 'is no colour');
  const texts = ['fallback', 'text'].flatMap(
    (key) => shape.optionalText(key, { max: TEXT_MAX }) ?? [],
  );
  return joined([
    ...texts.map((text) => seen(text, parsing)),
    ...shape.optionalList('blocks', { max: BLOCKS_MAX }).map((each) => block(each, parsing)),
  ]);
}

function block(value: unknown, parsing: Parsing): SeenMessage {
  const known = ['type', 'block_id', 'text', 'fields', 'elements'];
  const shape = shapeOf(value, 'blocks', known);
  switch (shape.members.type) {
    case 'header':
      return textObject(shape.members.text, { max: 150, types: ['plain_text'], parsing });
    case 'section': {
      if (!shape.has('text') && !shape.has('fields'))
        shape.refuse('text', 'or fields must be there');
      const types = ['plain_text', 'mrkdwn'];
      const texts = shape.has('text') ? [shape.members.text] : [];
      const fields = shape.optionalList('fields', { max: 10 });
      return joined([
        ...texts.map((each) => textObject(each, { max: 3000, types, parsing })),
        ...fields.map((each) => textObject(each, { max: 2000, types, parsing })),
      ]);
    }
    case 'actions':
      return joined(shape.list('elements', { max: 25 }).map((each) => button(each, parsing)));
    case 'divider':
      return { shown: [], pings: [] };
    default:
      return shape.refuse('type', 'is no block that this stand-in knows');
  }
}

function button(value: unknown, parsing: Parsing): SeenMessage {
  const shape = shapeOf(value, 'elements', ['type', 'text', 'url', 'action_id', 'value', 'style']);
  if (shape.members.type !== 'button') shape.refuse('type', 'must be button');
  shape.webAddress('url', { max: 3000 });
  return textObject(shape.members.text, { max: 75, types: ['plain_text'], parsing });
}

interface TextObjectRule {
  readonly max: number;
  readonly types: readonly string[];
  readonly parsing: Parsing;
}

function textObject(value: unknown, { max, types, parsing }: TextObjectRule): SeenMessage {
  const shape: Shape = shapeOf(value, 'text', ['type', 'text', 'emoji', 'verbatim']);
  const { type, verbatim } = shape.members;
  if (!types.includes(String(type))) shape.refuse('type', `must be ${types.join(' or ')}`);
  const isParsed = type === 'mrkdwn';
  if (shape.has('emoji') && isParsed) shape.refuse('emoji', 'is for plain_text alone');
  const bareNames = parsing.bareNames || (isParsed && verbatim !== true);
  const message = seen(shape.text('text', { max }), { bareNames });
  return isParsed ? { ...message, shown: message.shown.map(withoutMarks) } : message;
}

function withoutMarks(text: string): string {
  return text.replaceAll(/([*_~`])(?=\S)(.*?\S)\1/g, '$2');
}

function seen(text: string, { bareNames }: Parsing): SeenMessage {
  const brackets = text.match(/<(!\w|@|#C)[^>]*>/g) ?? [];
  const bare = bareNames ? (text.match(/(?<![\w<])@\w[\w.-]*/g) ?? []) : [];
  return {
    shown: [withoutEntities(text.replaceAll(/<[^>]*>/g, ''))],
    pings: [...brackets, ...bare],
  };
}

function joined(messages: readonly SeenMessage[]): SeenMessage {
  return {
    shown: messages.flatMap(({ shown }) => shown),
    pings: messages.flatMap(({ pings }) => pings),
  };
}
