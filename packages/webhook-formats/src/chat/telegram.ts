import { matching, optionValue } from '../options.ts';
import { chatFormat, urlShape } from './chat-format.ts';
import type { MessageField, Piece } from './message.ts';
import type { Severity } from './phrases.ts';
import { escapeHtml, fit } from './text.ts';

const MARKS: Readonly<Record<Severity, string>> = {
  good: '🟢',
  info: '🔵',
  warning: '🟠',
  bad: '🔴',
};
const NAME_MAX = 256;
/** Eight fields of these, the title and the links are below Telegram's 4096 after parsing. */
const VALUE_MAX = 350;
const LABEL_MAX = 80;

const chatId = matching(
  {
    name: 'chat_id',
    description: 'the chat to write to, a number or the @name of a public channel or group',
    defaultValue: '',
    required: true,
  },
  {
    pattern: /^(-?\d{1,20}|@[A-Za-z][A-Za-z0-9_]{3,31})$/,
    example: '"-1001234567890" or "@channel"',
  },
);
const threadId = matching(
  {
    name: 'message_thread_id',
    description: 'The topic of a group with topics; empty for none',
    defaultValue: '',
  },
  { pattern: /^\d{0,18}$/, example: 'a number such as "42", or leave it out' },
);

/**
 * A message for Telegram's Bot API. The bot's token stands in the URL, as that API has it.
 *
 * Telegram makes links of `@names`, `#tags`, `/commands` and addresses wherever it finds them, HTML
 * or not, but not in `<code>`: everything foreign stands in one, with its HTML escaped.
 */
export const telegram = chatFormat({
  name: 'telegram',
  options: [chatId, threadId],
  checkUrl: urlShape(/^api\.telegram\.org$/, {
    path: /^\/bot\d+:[\w-]+\/(test\/)?sendMessage$/i,
    like: 'https://api.telegram.org/bot<token>/sendMessage',
  }),
  body: (message, _event, { options }) => {
    const thread = optionValue(threadId, options);
    const links = message.links.map(
      ({ label, url }) => `<a href="${escapeHtml(url)}">${fit(label, LABEL_MAX, escapeHtml)}</a>`,
    );
    const lines = [
      `${MARKS[message.severity]} ${message.title.map(pieceHtml).join('')}`,
      '',
      ...message.fields.map(fieldHtml),
      ...(links.length > 0 ? ['', links.join(' · ')] : []),
    ];
    return {
      chat_id: optionValue(chatId, options),
      ...(thread !== '' && { message_thread_id: Number(thread) }),
      text: lines.join('\n'),
      parse_mode: 'HTML',
      link_preview_options: { is_disabled: true },
    };
  },
});

function pieceHtml({ text, foreign }: Piece): string {
  return foreign ? code(text, NAME_MAX) : `<b>${escapeHtml(text)}</b>`;
}

function fieldHtml({ label, value }: MessageField): string {
  return `${escapeHtml(label)}: ${code(value, VALUE_MAX)}`;
}

/** The limit is before escaping: Telegram counts what is left after parsing. */
function code(text: string, max: number): string {
  return `<code>${escapeHtml(fit(text, max))}</code>`;
}
