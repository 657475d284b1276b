/** Environment variables as a process gets them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The outcome of reading one value: the value, or what it is that breaks the variable's rule. */
export type ParsedValue<T> = { readonly ok: true; readonly value: T } | { readonly ok: false };

/** One environment variable: what it means, what it may be, and what it is when it is not set. */
export interface Variable<T> {
  readonly name: string;
  /** What a valid value is, in words that complete "… must be". */
  readonly rule: string;
  /** Used when the variable is not set; without it the variable is required. */
  readonly fallback?: T | undefined;
  /** The variable may be left out and has no fallback: its value is then undefined. */
  readonly optional?: boolean;
  /** The value is never shown, not even when it is at fault. */
  readonly secret?: boolean;
  readonly parse: (text: string) => ParsedValue<T>;
}

/** One variable at fault. `value` is fit to be shown: secrets are masked. */
export interface ConfigurationFault {
  readonly variable: string;
  readonly value: string;
  readonly rule: string;
}

/** Every fault of a configuration together; the message has one line for each. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  readonly faults: readonly ConfigurationFault[];

  constructor(faults: readonly ConfigurationFault[]) {
    super(faults.map(faultLine).join('\n'));
    this.faults = faults;
  }
}

function faultLine({ variable, value, rule }: ConfigurationFault): string {
  return value === ''
    ? `${variable} is not set: it must be ${rule}`
    : `${variable}=${value}: it must be ${rule}`;
}

/** The values of a set of variables. */
export type ValuesOf<S extends Readonly<Record<string, Variable<unknown>>>> = {
  readonly [K in keyof S]: S[K] extends Variable<infer T> ? T : never;
};

const shownLengthMax = 200;

function shown(variable: Variable<unknown>, text: string): string {
  if (variable.secret === true) return `[${text.length} characters, not shown]`;
  const masked = text.replace(/(:\/\/[^\s:@/]*):[^\s@/]*@/, '$1:***@');
  return masked.length > shownLengthMax ? `${masked.slice(0, shownLengthMax)}…` : masked;
}

/**
 * Reads a set of variables. An unset variable and an empty one are the same (as OpenTelemetry has it,
 * and because Compose passes an unset one as empty); anything else must obey the rule.
 *
 * @throws ConfigurationError with all faults together.
 */
export function readEnv<S extends Readonly<Record<string, Variable<unknown>>>>(
  env: Environment,
  variables: S,
): ValuesOf<S> {
  const faults: ConfigurationFault[] = [];
  const values: Record<string, unknown> = {};
  for (const [key, variable] of Object.entries(variables)) {
    const text = env[variable.name] ?? '';
    if (text === '') {
      if (variable.fallback === undefined && variable.optional !== true) {
        faults.push({ variable: variable.name, value: '', rule: variable.rule });
      }
      values[key] = variable.fallback;
      continue;
    }
    const parsed = variable.parse(text);
    if (parsed.ok) values[key] = parsed.value;
    else
      faults.push({ variable: variable.name, value: shown(variable, text), rule: variable.rule });
  }
  if (faults.length > 0) throw new ConfigurationError(faults);
  return values as ValuesOf<S>;
}

/** Runs every part of a configuration, so that the faults of all parts are reported together. */
export function combineConfig<P extends Readonly<Record<string, (env: Environment) => unknown>>>(
  env: Environment,
  parts: P,
): { readonly [K in keyof P]: ReturnType<P[K]> } {
  const faults = new Map<string, ConfigurationFault>();
  const values: Record<string, unknown> = {};
  for (const [key, part] of Object.entries(parts)) {
    try {
      values[key] = part(env);
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      // Parts may share variables; each is reported once.
      for (const fault of error.faults) faults.set(fault.variable, fault);
    }
  }
  if (faults.size > 0) throw new ConfigurationError([...faults.values()]);
  return values as { readonly [K in keyof P]: ReturnType<P[K]> };
}
