import { choice, matching, optionValue } from '../options.ts';
import { chatFormat, urlShape } from './chat-format.ts';
import { type ChatMessage, titleText } from './message.ts';
import { fit } from './text.ts';

const TITLE_MAX = 250;
const MESSAGE_MAX = 1024;
/** One long reason does not push out when and where; many long values are cut shorter, so that none does. */
const VALUE_MAX = 300;
const VALUE_OF_MANY_MAX = 140;
const LINK_TITLE_MAX = 100;
const EMERGENCY = 2;

const user = matching(
  {
    name: 'user',
    description: "the key of the user or group to notify, as Pushover's dashboard shows it",
    defaultValue: '',
    required: true,
  },
  { pattern: /^[A-Za-z0-9]{30}$/, example: 'the 30 letters and digits of a user or group key' },
);
const device = matching(
  { name: 'device', description: 'One device of the user; empty for all', defaultValue: '' },
  { pattern: /^([A-Za-z0-9_-]{1,25})?$/, example: 'a device name, or leave it out for all' },
);
const priority = choice('priority', 'The priority of what went well, from -2 (silent) to 2', [
  '0',
  ...['-2', '-1', '1', '2'],
]);
const failurePriority = choice('failure_priority', 'The priority of what went wrong', [
  '1',
  ...['-2', '-1', '0', '2'],
]);
const retry = seconds('retry', {
  description: 'Seconds between the repeats of an emergency, until it is acknowledged',
  usual: 60,
  least: 30,
});
const expire = seconds('expire', {
  description: 'Seconds after which an emergency is no longer repeated',
  usual: 3600,
  least: 30,
});

/** The longest that Pushover repeats an emergency: three hours. */
const SECONDS_MAX = 10_800;

/**
 * A message for Pushover's API. The application's token is the subscription's bearer token, which is
 * sealed; the user key is an option. `html` is not set: Pushover shows the text as it is.
 *
 * Priority 2 is an emergency, which Pushover repeats every `retry` seconds until someone
 * acknowledges it or `expire` is over.
 */
export const pushover = chatFormat({
  name: 'pushover',
  options: [user, device, priority, failurePriority, retry, expire],
  credential: 'body',
  checkUrl: urlShape(/^api\.pushover\.net$/, {
    path: /^\/1\/messages\.json$/,
    like: 'https://api.pushover.net/1/messages.json',
  }),
  body: (message, _event, { options, credential }) => {
    const level = Number(
      optionValue(message.severity === 'bad' ? failurePriority : priority, options),
    );
    const to = optionValue(device, options);
    const [link] = message.links;
    return {
      ...(credential !== undefined && { token: credential }),
      user: optionValue(user, options),
      ...(to !== '' && { device: to }),
      title: fit(titleText(message), TITLE_MAX),
      message: fit(detailText(message), MESSAGE_MAX),
      timestamp: Math.floor(message.timeMs / 1000),
      priority: level,
      ...(level === EMERGENCY && {
        retry: Number(optionValue(retry, options)),
        expire: Number(optionValue(expire, options)),
      }),
      ...(link !== undefined && { url: link.url, url_title: fit(link.label, LINK_TITLE_MAX) }),
    };
  },
});

function detailText({ fields }: ChatMessage): string {
  const lines = (max: number) =>
    fields.map(({ label, value }) => `${label}: ${fit(value, max)}`).join('\n');
  const whole = lines(VALUE_MAX);
  return whole.length <= MESSAGE_MAX ? whole : lines(VALUE_OF_MANY_MAX);
}

function seconds(
  name: string,
  { description, usual, least }: { description: string; usual: number; least: number },
) {
  const defaultValue = String(usual);
  return {
    name,
    description,
    defaultValue,
    check: (value: string): string | undefined =>
      /^\d{1,5}$/.test(value) && Number(value) >= least && Number(value) <= SECONDS_MAX
        ? undefined
        : `it is not usable as ${name}; give whole seconds from ${least} to ${SECONDS_MAX}, for instance "${defaultValue}"`,
  };
}
