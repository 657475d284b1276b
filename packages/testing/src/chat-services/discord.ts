import { ChatRefusal, checkAddress, jsonOf, type Shape, shapeOf } from './shape.ts';
import { type ChatStandIn, jsonAnswer } from './stand-in.ts';

const CONTENT_MAX = 2000;
const EMBEDS_MAX = 10;
/** All texts of all embeds together. */
const EMBED_TEXTS_MAX = 6000;

const ENVELOPE = [
  'content',
  'embeds',
  'allowed_mentions',
  'username',
  'avatar_url',
  'tts',
  'flags',
];
const EMBED = [
  ...['title', 'description', 'url', 'timestamp', 'color', 'fields', 'footer', 'author'],
];
const KINDS = ['everyone', 'users', 'roles'];

/**
 * Discord's webhooks: https://discord.com/developers/docs/resources/webhook#execute-webhook and the
 * limits of embeds. Only `content` calls anybody, as far as `allowed_mentions` lets it.
 */
export const discord: ChatStandIn = {
  path: '/api/webhooks/1234567890/abcDEF-123_token',
  read: (request) => {
    checkAddress(request, /^\/api\/(v\d+\/)?webhooks\/\d+\/[\w-]+$/);
    const shape = shapeOf(jsonOf(request), '', ENVELOPE);
    if (!shape.has('content') && !shape.has('embeds')) {
      throw new ChatRefusal('Cannot send an empty message');
    }
    const content = shape.optionalText('content', { max: CONTENT_MAX }) ?? '';
    const texts = shape.optionalList('embeds', { max: EMBEDS_MAX }).flatMap(embedTexts);
    const length = [...texts.join('')].length;
    if (length > EMBED_TEXTS_MAX) shape.refuse('embeds', `have ${length} characters in all`);
    const allowed = allowedKinds(shape.members.allowed_mentions);
    return {
      shown: [content, ...texts].filter((text) => text !== '').map(displayed),
      pings: mentions(content)
        .filter(({ kind }) => allowed.has(kind))
        .map(({ text }) => text),
    };
  },
  taken: ({ path }) =>
    new URL(path, 'http://chat.test').searchParams.get('wait') === 'true'
      ? jsonAnswer(200, { id: '1', type: 0, webhook_id: '1234567890' })
      : { status: 204, contentType: 'text/plain', body: '' },
  refused: ({ status, message }) => {
    if (status === 404) return jsonAnswer(404, { message: 'Unknown Webhook', code: 10_015 });
    if (status === 405) return jsonAnswer(405, { message: '405: Method Not Allowed', code: 0 });
    const code = message === 'Cannot send an empty message' ? 50_006 : 50_035;
    return jsonAnswer(400, {
      message: code === 50_006 ? message : `Invalid Form Body: ${message}`,
      code,
    });
  },
};

/** The texts of an embed that count for the limit of all. */
function embedTexts(value: unknown): string[] {
  const shape = shapeOf(value, 'embeds', EMBED);
  if (shape.has('url')) shape.webAddress('url', { max: 2048 });
  if (shape.has('color')) shape.integer('color', { min: 0, max: 0xffffff });
  const timestamp = shape.optionalText('timestamp', { max: 40 });
  if (timestamp !== undefined && Number.isNaN(Date.parse(timestamp))) {
    shape.refuse('timestamp', 'is no ISO 8601 time');
  }
  const fields = shape.optionalList('fields', { max: 25 }).flatMap(fieldTexts);
  const texts = [
    shape.optionalText('title', { max: 256 }),
    shape.optionalText('description', { max: 4096 }),
    ...fields,
    part(shape, 'footer', { key: 'text', max: 2048 }),
    part(shape, 'author', { key: 'name', max: 256 }),
  ];
  return texts.filter((text) => text !== undefined);
}

function fieldTexts(value: unknown): string[] {
  const field = shapeOf(value, 'embeds.fields', ['name', 'value', 'inline']);
  if (field.has('inline') && typeof field.members.inline !== 'boolean') {
    field.refuse('inline', 'must be true or false');
  }
  return [field.text('name', { max: 256 }), field.text('value', { max: 1024 })];
}

function part(shape: Shape, name: string, { key, max }: { key: string; max: number }) {
  if (!shape.has(name)) return undefined;
  return shapeOf(shape.members[name], name, [key, 'url', 'icon_url']).text(key, { max });
}

/** Without `allowed_mentions` everything that is mentioned is called. */
function allowedKinds(value: unknown): ReadonlySet<string> {
  if (value === undefined) return new Set(KINDS);
  const shape = shapeOf(value, 'allowed_mentions', ['parse', 'users', 'roles', 'replied_user']);
  const parse = Array.isArray(shape.members.parse) ? (shape.members.parse as unknown[]) : [];
  for (const kind of parse) {
    if (!KINDS.includes(String(kind))) shape.refuse('parse', `"${kind}" is none of ${KINDS}`);
    if (shape.has(String(kind))) shape.refuse(String(kind), 'is in parse as well');
  }
  const listed = ['users', 'roles'].filter(
    (kind) => shape.optionalList(kind, { max: 100 }).length > 0,
  );
  return new Set([...parse.map(String), ...listed]);
}

function mentions(content: string) {
  const kinds = { everyone: /@(everyone|here)\b/g, users: /<@!?\d+>/g, roles: /<@&\d+>/g };
  return Object.entries(kinds).flatMap(([kind, pattern]) =>
    [...content.matchAll(pattern)].map(([text]) => ({ kind, text })),
  );
}

/** Discord's Markdown as it is read: escaped characters are themselves, marks are gone, links are their words. */
function displayed(text: string): string {
  const literals: string[] = [];
  const held = text.replaceAll(/\\([^\sA-Za-z0-9])/g, (_, character: string) => {
    literals.push(character);
    return `\ue000${literals.length - 1}\ue000`;
  });
  return held
    .replaceAll(/<(@[!&]?|#|:\w+:|a:\w+:|t:|\/\w+:)\d+>/g, '')
    .replaceAll(/\[([^\]]*)\]\(<?https?:[^)]*\)/g, '$1')
    .replaceAll(/^(#{1,3}|-#|>{1,3}|[-*]) /gm, '')
    .replaceAll(/(\*\*\*|\*\*|\*|___|__|_|~~|\|\||```|``|`)(?=\S)(.+?)\1/g, '$2')
    .replaceAll(/\ue000(\d+)\ue000/g, (_, index: string) => literals[Number(index)] ?? '');
}
