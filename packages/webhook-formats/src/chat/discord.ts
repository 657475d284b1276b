import { chatFormat, urlShape } from './chat-format.ts';
import { type MessageLink, titleText } from './message.ts';
import type { Severity } from './phrases.ts';
import { fit } from './text.ts';

const COLOURS: Readonly<Record<Severity, number>> = {
  good: 0x2eb67d,
  info: 0x36c5f0,
  warning: 0xecb22e,
  bad: 0xe01e5a,
};
const TITLE_MAX = 256;
/** Discord takes 1024 a value, but 6000 an embed. */
const VALUE_MAX = 600;
/** Two links are one value. */
const LINK_MAX = 500;
const LABEL_MAX = 40;
/** Shorter values stand side by side. */
const INLINE_MAX = 32;

/**
 * A message for Discord's webhooks: one embed. `allowed_mentions` is empty, so that whatever stands
 * in it pings nobody, and everything foreign is escaped, so that it formats nothing.
 */
export const discord = chatFormat({
  name: 'discord',
  checkUrl: urlShape(/^((canary|ptb)\.)?discord(app)?\.com$/, {
    path: /^\/api\/(v\d+\/)?webhooks\/\d+\/[^/]+$/,
    like: 'https://discord.com/api/webhooks/<id>/<token>',
  }),
  body: (message) => {
    const [panel] = message.links;
    const fields = message.fields.map(({ label, value }) => ({
      name: label,
      value: fit(value, VALUE_MAX, escapeDiscord),
      inline: value.length <= INLINE_MAX,
    }));
    const links = message.links.map(linkText).filter((text) => text.length <= LINK_MAX);
    if (links.length > 0) fields.push({ name: 'Links', value: links.join(' · '), inline: false });
    return {
      allowed_mentions: { parse: [] },
      embeds: [
        {
          title: fit(titleText(message), TITLE_MAX, escapeDiscord),
          ...(panel !== undefined && { url: panel.url }),
          color: COLOURS[message.severity],
          timestamp: new Date(message.timeMs).toISOString(),
          fields,
        },
      ],
    };
  },
});

/** Every character that has a meaning in Discord's Markdown, mentions, emoji and bare links included. */
function escapeDiscord(text: string): string {
  return text.replaceAll(/[\\`*_~|<>[\]()#+\-@:!.&]/g, '\\$&');
}

function linkText({ label, url }: MessageLink): string {
  // Brackets would end the address; blanks are not in a parsed URL.
  const address = url.replaceAll('(', '%28').replaceAll(')', '%29');
  return `[${escapeDiscord(fit(label, LABEL_MAX))}](${address})`;
}
