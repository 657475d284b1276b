import type { FormatOption, WebhookFormat } from './format.ts';

/** A fault of one option; `field` is its path in the request. */
export interface OptionFault {
  readonly field: string;
  readonly detail: string;
}

/** All faults of a subscription's options, unknown names included; empty when all are usable. */
export function checkOptions(
  format: WebhookFormat,
  options: Readonly<Record<string, string>>,
): OptionFault[] {
  const missing = format.options.filter(
    ({ name, required }) => required === true && !Object.hasOwn(options, name),
  );
  const faults = Object.entries(options).flatMap(([name, value]) => {
    const option = format.options.find((candidate) => candidate.name === name);
    const detail = option === undefined ? unknownOption(format, name) : option.check(value);
    return detail === undefined ? [] : [{ field: `options.${name}`, detail }];
  });
  return [
    ...missing.map(({ name, description }) => ({
      field: `options.${name}`,
      detail: `the format "${format.name}" needs it: ${description}`,
    })),
    ...faults,
  ];
}

/** What of a subscription decides whether a format's service can be reached with it. */
export interface Destination {
  readonly url: string;
  readonly auth: 'bearer' | 'basic' | 'header' | undefined;
}

/**
 * Faults of where a format is to be sent and with which credential; empty when it can work. A URL
 * that is none is not judged here.
 */
export function checkDestination(format: WebhookFormat, { url, auth }: Destination): OptionFault[] {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const urlFault = parsed && format.checkUrl?.(parsed);
  const faults = urlFault === undefined ? [] : [{ field: 'url', detail: urlFault }];
  if (format.credential !== 'body' || auth === 'bearer') return faults;
  const detail = `the format "${format.name}" needs the application's token as a bearer token, which is sealed and goes into the body; give auth.bearer.token`;
  return [...faults, { field: 'auth', detail }];
}

/** The value of an option, its default when the subscriber gave none. */
export function optionValue(
  option: FormatOption,
  options: Readonly<Record<string, string>>,
): string {
  return Object.hasOwn(options, option.name)
    ? (options[option.name] ?? option.defaultValue)
    : option.defaultValue;
}

/** An option that takes one of a few words; the first is the default. */
export function choice(
  name: string,
  description: string,
  values: readonly [string, ...string[]],
): FormatOption {
  return {
    name,
    description,
    defaultValue: values[0],
    check: (value) =>
      values.includes(value)
        ? undefined
        : `"${value}" is not a value of ${name}; use ${values.map((word) => `"${word}"`).join(' or ')}`,
  };
}

function unknownOption(format: WebhookFormat, name: string): string {
  const known = format.options.map((option) => option.name);
  return known.length === 0
    ? `the format "${format.name}" has no options; leave "${name}" out`
    : `the format "${format.name}" has no option "${name}"; it has ${known.join(', ')}`;
}

/** An option whose values a pattern describes; `example` says in the fault what would be right. */
export function matching(
  option: Omit<FormatOption, 'check'>,
  { pattern, example }: { readonly pattern: RegExp; readonly example: string },
): FormatOption {
  return {
    ...option,
    check: (value) =>
      pattern.test(value) ? undefined : `it is not usable as ${option.name}; give ${example}`,
  };
}
