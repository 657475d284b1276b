import { ChatRefusal, checkAddress, jsonOf, shapeOf } from './shape.ts';
import { type ChatStandIn, jsonAnswer } from './stand-in.ts';
import { parseTelegramHtml, type TelegramText } from './telegram-html.ts';

const TEXT_MAX = 4096;
const KNOWN = [
  ...['chat_id', 'message_thread_id', 'text', 'parse_mode', 'link_preview_options'],
  ...['disable_notification', 'protect_content'],
];

/**
 * Telegram's Bot API, method sendMessage: https://core.telegram.org/bots/api#sendmessage. The only
 * parse mode it knows is HTML. The limit is on the text after parsing.
 */
export const telegram: ChatStandIn = {
  path: '/bot123456:AAE-stand_in_token_of_thirtyfive_ch/sendMessage',
  read: (request) => {
    checkAddress(request, /^\/bot\d+:[\w-]{20,}\/sendMessage$/i);
    const shape = shapeOf(jsonOf(request), '', KNOWN);
    const { chat_id, parse_mode } = shape.members;
    if (!/^(-?\d+|@[A-Za-z]\w{3,31})$/.test(String(chat_id ?? ''))) {
      throw new ChatRefusal(chat_id === undefined ? 'chat_id is empty' : 'chat not found');
    }
    if (shape.has('message_thread_id')) {
      shape.integer('message_thread_id', { min: 1, max: Number.MAX_SAFE_INTEGER });
    }
    const given = String(shape.members.text ?? '');
    const parsed =
      parse_mode === undefined ? { text: given, entities: [] } : parse(given, parse_mode);
    const text = parsed.text.trim();
    if (text === '') throw new ChatRefusal('message text is empty');
    if ([...text].length > TEXT_MAX) throw new ChatRefusal('message is too long');
    return { shown: [text], pings: mentions(parsed) };
  },
  taken: () => jsonAnswer(200, { ok: true, result: { message_id: 1, date: 0 } }),
  refused: ({ status, message }) => {
    const code = status === 415 ? 400 : status;
    const description = code === 404 ? 'Not Found' : `Bad Request: ${message}`;
    return jsonAnswer(code, { ok: false, error_code: code, description });
  },
};

function parse(text: string, mode: unknown): TelegramText {
  if (mode !== 'HTML') throw new ChatRefusal(`unsupported parse_mode ${String(mode)}`);
  return parseTelegramHtml(text);
}

/**
 * `@names` are found in any text but code and the words of a link, since entities other than bold and
 * its like cannot contain each other; links to users call them.
 */
function mentions({ text, entities }: TelegramText): string[] {
  const closed = entities.filter(({ tag }) => ['code', 'pre', 'a'].includes(tag));
  const named = [...text.matchAll(/(?<!\w)@[A-Za-z]\w{3,31}/g)].filter(
    ({ index }) => !closed.some(({ start, end }) => index >= start && index < end),
  );
  const linked = entities.flatMap(({ href }) => (href?.startsWith('tg://user') ? [href] : []));
  return [...named.map(([name]) => name), ...linked];
}
