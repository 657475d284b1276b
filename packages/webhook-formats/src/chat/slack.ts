import { chatFormat, urlShape } from './chat-format.ts';
import { type MessageField, titleText } from './message.ts';
import type { Severity } from './phrases.ts';
import { fit } from './text.ts';

const COLOURS: Readonly<Record<Severity, string>> = {
  good: '#2eb67d',
  info: '#36c5f0',
  warning: '#ecb22e',
  bad: '#e01e5a',
};
const HEADER_MAX = 150;
const FIELD_MAX = 500;
const BUTTON_MAX = 75;

/**
 * A message for Slack's incoming webhooks: a heading, and the details beside a bar of colour.
 *
 * Everything foreign stands in `plain_text`, which formats nothing, with `&`, `<` and `>` as
 * entities, without which `<!channel>` would call everyone. `text` is what notifications show; it is
 * kept from being parsed as well.
 */
export const slack = chatFormat({
  name: 'slack',
  checkUrl: urlShape(/^hooks\.slack(-gov)?\.com$/, {
    path: /^\/(services|workflows|triggers)\/./,
    like: 'https://hooks.slack.com/services/T…/B…/…',
  }),
  body: (message) => {
    const title = titleText(message);
    const buttons = message.links.map(({ label, url }) => ({
      type: 'button',
      text: plain(label, BUTTON_MAX),
      url,
    }));
    return {
      text: fit(title, FIELD_MAX, escapeSlack),
      mrkdwn: false,
      parse: 'none',
      link_names: false,
      unfurl_links: false,
      unfurl_media: false,
      blocks: [{ type: 'header', text: plain(title, HEADER_MAX) }],
      attachments: [
        {
          color: COLOURS[message.severity],
          fallback: fit(title, FIELD_MAX, escapeSlack),
          blocks: [
            { type: 'section', fields: message.fields.map(fieldText) },
            ...(buttons.length > 0 ? [{ type: 'actions', elements: buttons }] : []),
          ],
        },
      ],
    };
  },
});

function fieldText({ label, value }: MessageField) {
  return plain(`${label}\n${value}`, FIELD_MAX);
}

function plain(text: string, max: number) {
  return { type: 'plain_text', text: fit(text, max, escapeSlack), emoji: false };
}

/** The three characters that Slack parses, as its page on escaping asks. */
function escapeSlack(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
