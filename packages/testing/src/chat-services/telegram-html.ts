import { ChatRefusal, withoutEntities } from './shape.ts';

/** A stretch of the text that a tag formats, in UTF-16 units. */
export interface TelegramEntity {
  readonly tag: string;
  readonly start: number;
  readonly end: number;
  readonly href?: string;
}

export interface TelegramText {
  readonly text: string;
  readonly entities: readonly TelegramEntity[];
}

/** The tags of https://core.telegram.org/bots/api#html-style. */
const TAGS = new Set([
  ...['b', 'strong', 'i', 'em', 'u', 'ins', 's', 'strike', 'del', 'code', 'pre', 'a'],
  ...['tg-spoiler', 'blockquote'],
]);
/** Those beyond are ignored. */
const ENTITIES_MAX = 100;

/** What Telegram makes of a text in parse mode HTML; throws ChatRefusal, in its words, where it would not. */
export function parseTelegramHtml(html: string): TelegramText {
  let text = '';
  const open: { tag: string; start: number; href: string | undefined }[] = [];
  const entities: TelegramEntity[] = [];
  for (const [piece] of html.matchAll(/<[^>]*>?|[^<]+/g)) {
    if (!piece.startsWith('<')) {
      text += withoutEntities(piece);
      continue;
    }
    const { closing, tag, href } = tagOf(piece);
    if (!closing) {
      open.push({ tag, start: text.length, href });
      continue;
    }
    const opened = open.pop();
    if (opened?.tag !== tag) refuse(`unexpected end tag "${tag}"`);
    entities.push({
      tag,
      start: opened?.start ?? 0,
      end: text.length,
      ...(opened?.href && { href: opened.href }),
    });
  }
  const unclosed = open.pop();
  if (unclosed !== undefined)
    refuse(`can't find end tag corresponding to start tag "${unclosed.tag}"`);
  return { text, entities: entities.slice(0, ENTITIES_MAX) };
}

function tagOf(piece: string) {
  const [, slash, name = '', attributes = ''] =
    /^<(\/?)([a-z-]*)((?:\s[^>]*)?)>$/i.exec(piece) ?? [];
  const tag = name.toLowerCase();
  if (!TAGS.has(tag)) refuse(`unsupported start tag "${piece.slice(1, 20)}"`);
  const href = /\shref="([^"]*)"/.exec(attributes)?.[1];
  return { closing: slash === '/', tag, href: href && withoutEntities(href) };
}

function refuse(fault: string): never {
  throw new ChatRefusal(`can't parse entities: ${fault}`);
}
