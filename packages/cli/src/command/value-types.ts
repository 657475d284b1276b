/** How the text after a flag is read. */
export interface ValueType<T> {
  /** What stands for a value in help: `<time>`. */
  readonly placeholder: string;
  /** What a valid value is, in words that complete "… must be". */
  readonly rule: string;
  /** All there are, when there are few. */
  readonly choices?: readonly string[];
  /** Completed as a file's name. */
  readonly isPath?: true;
  /** Never shown, not even when it is at fault. */
  readonly isSecret?: true;
  /** undefined: it breaks the rule. */
  readonly parse: (text: string) => T | undefined;
}

/** Anything that is not empty. */
export function text(placeholder: string, rule = 'a text that is not empty'): ValueType<string> {
  return { placeholder, rule, parse: (given) => (given === '' ? undefined : given) };
}

/** The path of a file, or `-` for the standard input or output. */
export function path(rule = 'the path of a file'): ValueType<string> {
  return { ...text('file', rule), isPath: true };
}

/** A credential: never repeated. */
export function secret(placeholder: string, rule: string): ValueType<string> {
  return { ...text(placeholder, rule), isSecret: true };
}

export function choice<const T extends string>(choices: readonly T[]): ValueType<T> {
  return {
    placeholder: choices.length > 4 ? 'name' : choices.join('|'),
    rule: `one of ${choices.join(', ')}`,
    choices,
    parse: (given) => choices.find((each) => each === given),
  };
}

export function integer(min: number, max: number): ValueType<number> {
  return {
    placeholder: 'number',
    rule: `a whole number from ${min} to ${max}`,
    parse(given) {
      const value = Number(given);
      return /^\d+$/.test(given) && value >= min && value <= max ? value : undefined;
    },
  };
}

export function decimal(min: number, max: number): ValueType<number> {
  return {
    placeholder: 'number',
    rule: `a number from ${min} to ${max}`,
    parse(given) {
      const value = Number(given);
      return /^\d+(\.\d+)?$/.test(given) && value >= min && value <= max ? value : undefined;
    },
  };
}

const ID_SUFFIX = '[0-7][0-9a-hjkmnp-tv-z]{25}';

/** An id of ours: its prefix tells at once that it is the id of something else. */
export function id(prefix: string): ValueType<string> {
  const pattern = new RegExp(`^${prefix}_${ID_SUFFIX}$`);
  return {
    placeholder: `${prefix}_…`,
    rule: `an id that begins with ${prefix}_, followed by 26 characters`,
    parse: (given) => (pattern.test(given) ? given : undefined),
  };
}

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** A span of time in milliseconds, written with its unit: `500ms`, `30s`, `5m`, `24h`, `7d`. */
export function duration(minMs: number, maxMs: number): ValueType<number> {
  return {
    placeholder: 'duration',
    rule: `a span of time from ${durationText(minMs)} to ${durationText(maxMs)}, such as 500ms, 30s, 5m, 24h or 7d`,
    parse(given) {
      const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(given) ?? [];
      const ms = Number(number) * (UNIT_MS[unit] ?? Number.NaN);
      return number !== '' && ms >= minMs && ms <= maxMs ? Math.round(ms) : undefined;
    },
  };
}

/** Milliseconds with the largest unit that leaves a whole number. */
export function durationText(ms: number): string {
  const [unit = 'ms', size = 1] =
    Object.entries(UNIT_MS).findLast(([, each]) => ms >= each && ms % each === 0) ?? [];
  return `${ms / size}${unit}`;
}

/** A moment: RFC 3339, a day, or how long ago. */
export function time(now: () => number = Date.now): ValueType<Date> {
  const ago = duration(0, 36_500 * 86_400_000);
  const written = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/;
  return {
    placeholder: 'time',
    rule: 'a time such as 2026-11-22T03:24:40Z, a day (2026-11-22, in UTC), or how long ago (15m, 24h, 7d)',
    parse(given) {
      const ms = ago.parse(given);
      if (ms !== undefined) return new Date(now() - ms);
      const date = new Date(written.test(given) ? given : Number.NaN);
      return Number.isNaN(date.getTime()) ? undefined : date;
    },
  };
}

export interface NamedValue {
  readonly name: string;
  readonly value: string;
}

/** `name=value`, the value possibly empty; with another separator, `name: value`. */
export function namedValue(separator: '=' | ':' = '='): ValueType<NamedValue> {
  const shown = separator === '=' ? 'name=value' : 'name: value';
  return {
    placeholder: shown,
    rule: `${shown}, such as ${separator === '=' ? 'X-Shop=7' : '"webhook-id: dlv_…"'}`,
    parse(given) {
      const at = given.indexOf(separator);
      const [name, value] = [given.slice(0, at).trim(), given.slice(at + 1).trim()];
      return at > 0 && name !== '' ? { name, value } : undefined;
    },
  };
}

/** An http or https URL. */
export function httpUrl(example: string): ValueType<URL> {
  return {
    placeholder: 'url',
    rule: `an http or https URL such as ${example}`,
    parse(given) {
      const url = URL.parse(given);
      return url !== null && /^https?:$/.test(url.protocol) && url.hostname !== ''
        ? url
        : undefined;
    },
  };
}

/** The text of one JSON object, kept as it is written. */
export function jsonObject(): ValueType<string> {
  return {
    placeholder: 'json',
    rule: 'a JSON object, such as {"server_id":"srv_1"}',
    parse(given) {
      try {
        const parsed: unknown = JSON.parse(given);
        return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
          ? given
          : undefined;
      } catch {
        return undefined;
      }
    },
  };
}
