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
  return Object.entries(options).flatMap(([name, value]) => {
    const option = format.options.find((candidate) => candidate.name === name);
    const detail = option === undefined ? unknownOption(format, name) : option.check(value);
    return detail === undefined ? [] : [{ field: `options.${name}`, detail }];
  });
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
