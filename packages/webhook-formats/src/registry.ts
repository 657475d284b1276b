import { cdhosting } from './cdhosting.ts';
import { discord } from './chat/discord.ts';
import { googleChat } from './chat/google-chat.ts';
import { pushover } from './chat/pushover.ts';
import { slack } from './chat/slack.ts';
import { telegram } from './chat/telegram.ts';
import { cloudevents, cloudeventsBinary } from './cloudevents.ts';
import type { WebhookFormat } from './format.ts';
import { office365 } from './office365.ts';
import { standard } from './standard.ts';
import { virtfusion } from './virtfusion.ts';
import { xenOrchestra } from './xen-orchestra.ts';

/** Every format; a further one is a file of its own and a line here. */
const formats: readonly WebhookFormat[] = [
  standard,
  cdhosting,
  cloudevents,
  cloudeventsBinary,
  virtfusion,
  xenOrchestra,
  office365,
  slack,
  discord,
  googleChat,
  pushover,
  telegram,
];

const byName = new Map(formats.map((format) => [format.name, format]));

/** The names by which subscriptions choose a format. */
export const formatNames: readonly string[] = formats.map((format) => format.name);

/** The format of this name; undefined when there is none. */
export function getFormat(name: string): WebhookFormat | undefined {
  return byName.get(name);
}
