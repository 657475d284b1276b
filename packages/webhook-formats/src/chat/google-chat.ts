import { chatFormat, urlShape } from './chat-format.ts';
import { type MessageField, titleText } from './message.ts';
import type { Severity } from './phrases.ts';
import { escapeHtml, fit } from './text.ts';

const COLOURS: Readonly<Record<Severity, string>> = {
  good: '#188038',
  info: '#1a73e8',
  warning: '#e37400',
  bad: '#d93025',
};
const TITLE_MAX = 500;
const VALUE_MAX = 1000;
const BUTTON_MAX = 80;

/**
 * A message for Google Chat's space webhooks: one card. Its header holds nothing foreign; foreign
 * text stands in widgets alone, whose HTML is escaped. There is no `text` beside the card, since in
 * that `<users/all>` would call everyone; `fallbackText`, which notifications show, loses the
 * characters that could.
 */
export const googleChat = chatFormat({
  name: 'google-chat',
  checkUrl: urlShape(/^chat\.googleapis\.com$/, {
    path: /^\/v1\/spaces\/[^/]+\/messages$/,
    like: 'https://chat.googleapis.com/v1/spaces/<space>/messages?key=…&token=…',
  }),
  body: (message, event) => {
    const title = titleText(message);
    const buttons = message.links.map(({ label, url }) => ({
      text: fit(plainLabel(label), BUTTON_MAX),
      onClick: { openLink: { url } },
    }));
    const colour = COLOURS[message.severity];
    return {
      fallbackText: fit(title.replaceAll(/[<>*_~`]/g, ' '), TITLE_MAX),
      cardsV2: [
        {
          cardId: event.id,
          card: {
            header: { title: message.heading, subtitle: event.type },
            sections: [
              {
                widgets: [
                  {
                    textParagraph: {
                      text: `<b><font color="${colour}">${fit(title, TITLE_MAX, escapeHtml)}</font></b>`,
                    },
                  },
                  ...message.fields.map(widget),
                  ...(buttons.length > 0 ? [{ buttonList: { buttons } }] : []),
                ],
              },
            ],
          },
        },
      ],
    };
  },
});

/** A button's text knows no escaping, so that what could be a tag or a mention loses its brackets. */
function plainLabel(label: string): string {
  return label.replaceAll(/[<>]/g, ' ').trim();
}

function widget({ label, value }: MessageField) {
  return {
    decoratedText: { topLabel: label, text: fit(value, VALUE_MAX, escapeHtml), wrapText: true },
  };
}
