import {
  ChatRefusal,
  checkAddress,
  jsonOf,
  type Shape,
  shapeOf,
  withoutEntities,
} from './shape.ts';
import { type ChatStandIn, jsonAnswer, type SeenMessage } from './stand-in.ts';

/** "The maximum message size, including the message contents, is 32,000 bytes." */
const MESSAGE_BYTES_MAX = 32_000;
/** Cards whose sections have more widgets in all lose the sections beyond. */
const WIDGETS_MAX = 100;
/** Whatever the documentation limits by the size of the message alone. */
const ANY = { max: MESSAGE_BYTES_MAX };

const ENVELOPE = ['text', 'cardsV2', 'fallbackText', 'thread', 'accessoryWidgets'];
const WIDGETS = ['textParagraph', 'decoratedText', 'buttonList', 'divider'];

/**
 * Incoming webhooks of a Google Chat space: https://developers.google.com/workspace/chat/api/reference/rest/v1/spaces.messages
 * Texts of cards are HTML of a few tags. `<users/…>` calls in `text`; here it does so in any text, so
 * that none is left which only a client's kindness shows as it is.
 */
export const googleChat: ChatStandIn = {
  path: '/v1/spaces/AAAAspace/messages?key=AIzaKey&token=abc-token%3D',
  read: (request) => {
    const url = checkAddress(request, /^\/v1\/spaces\/\w+\/messages$/);
    for (const name of ['key', 'token']) {
      if ((url.searchParams.get(name) ?? '') === '') {
        throw new ChatRefusal(`The request is missing a valid API ${name}.`, 403);
      }
    }
    if (Buffer.byteLength(request.body) > MESSAGE_BYTES_MAX) {
      throw new ChatRefusal(`The message has more than ${MESSAGE_BYTES_MAX} bytes.`);
    }
    const shape = shapeOf(jsonOf(request), '', ENVELOPE);
    if (!shape.has('text') && !shape.has('cardsV2')) {
      throw new ChatRefusal('Message cannot be empty.');
    }
    const plain = ['text', 'fallbackText'].flatMap((key) => shape.optionalText(key, ANY) ?? []);
    const cards = shape.optionalList('cardsV2', { max: WIDGETS_MAX });
    return seen([
      ...plain.map((text) => ({ text, show: withoutMarks })),
      ...cards.flatMap((card) => cardTexts(card, cards.length)),
    ]);
  },
  taken: () =>
    jsonAnswer(200, {
      name: 'spaces/AAAAspace/messages/1.1',
      thread: { name: 'spaces/AAAAspace/threads/1' },
    }),
  refused: ({ status, message }) => {
    const code = status === 415 ? 400 : status;
    const names: Readonly<Record<number, string>> = { 403: 'PERMISSION_DENIED', 404: 'NOT_FOUND' };
    return jsonAnswer(code, {
      error: { code, message, status: names[code] ?? 'INVALID_ARGUMENT' },
    });
  },
};

/** A text, and how it is displayed. */
interface Shown {
  readonly text: string;
  readonly show: (text: string) => string;
}

function seen(texts: readonly Shown[]): SeenMessage {
  return {
    shown: texts.map(({ text, show }) => show(text)),
    pings: texts.flatMap(({ text }) => text.match(/<users\/[^>]*>/g) ?? []),
  };
}

function cardTexts(value: unknown, count: number): Shown[] {
  const outer = shapeOf(value, 'cardsV2', ['cardId', 'card']);
  if (count > 1 || outer.has('cardId')) outer.text('cardId', { max: 63 });
  const card = shapeOf(outer.members.card, 'card', ['header', 'sections', 'name', 'cardActions']);
  const texts: Shown[] = [];
  if (card.has('header')) {
    const header = shapeOf(card.members.header, 'card.header', ['title', 'subtitle', 'imageUrl']);
    texts.push(
      plain(header, 'title'),
      ...(header.has('subtitle') ? [plain(header, 'subtitle')] : []),
    );
  }
  const widgets = card.list('sections', { max: WIDGETS_MAX }).flatMap((section) => {
    const known = ['header', 'widgets', 'collapsible', 'uncollapsibleWidgetsCount'];
    return shapeOf(section, 'sections', known).list('widgets', { max: WIDGETS_MAX });
  });
  if (widgets.length > WIDGETS_MAX)
    card.refuse('sections', `have more than ${WIDGETS_MAX} widgets`);
  return [...texts, ...widgets.flatMap(widgetTexts)];
}

function widgetTexts(value: unknown): Shown[] {
  const widget = shapeOf(value, 'widgets', WIDGETS);
  const [kind, ...others] = WIDGETS.filter((name) => widget.has(name));
  if (kind === undefined || others.length > 0) widget.refuse('', 'must be one of its kinds');
  if (widget.has('textParagraph')) {
    const paragraph = shapeOf(widget.members.textParagraph, 'textParagraph', ['text', 'maxLines']);
    return [html(paragraph, 'text')];
  }
  if (widget.has('decoratedText')) {
    const known = ['topLabel', 'text', 'bottomLabel', 'wrapText', 'startIcon', 'onClick', 'button'];
    const decorated = shapeOf(widget.members.decoratedText, 'decoratedText', known);
    const labels = ['topLabel', 'bottomLabel'].filter((key) => decorated.has(key));
    return [html(decorated, 'text'), ...labels.map((key) => plain(decorated, key))];
  }
  if (!widget.has('buttonList')) return [];
  const list = shapeOf(widget.members.buttonList, 'buttonList', ['buttons']);
  return list.list('buttons', { max: WIDGETS_MAX }).map((each) => {
    const button = shapeOf(each, 'buttons', [
      'text',
      'icon',
      'color',
      'onClick',
      'disabled',
      'altText',
    ]);
    const onClick = shapeOf(button.members.onClick, 'buttons.onClick', ['openLink']);
    shapeOf(onClick.members.openLink, 'openLink', ['url']).webAddress('url', { max: 2048 });
    return plain(button, 'text');
  });
}

function plain(shape: Shape, key: string): Shown {
  return { text: shape.text(key, ANY), show: (text) => text };
}

function html(shape: Shape, key: string): Shown {
  return {
    text: shape.text(key, ANY),
    show: (text) => withoutEntities(text.replaceAll(/<[^>]*>/g, '')),
  };
}

/** Texts outside of cards know `*bold*`, `_italic_`, `~struck~` and code. */
function withoutMarks(text: string): string {
  return text.replaceAll(/([*_~`])(?=\S)(.*?\S)\1/g, '$2').replaceAll(/<[^>]*>/g, '');
}
