import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

const DEFAULT_PARTS = [
  'raw',
  'fan-out-1',
  'fan-out-10',
  'latency',
  'confirm',
  'append',
  'attempts',
  'read',
  'subscriptions',
] as const;
/** The last three take longer, and are measured when asked for. */
export const PARTS = [...DEFAULT_PARTS, 'isolation', 'backlog', 'tracing'] as const;
export type Part = (typeof PARTS)[number];

export interface BenchOptions {
  /** How long one measurement lasts. */
  readonly seconds: number;
  readonly rounds: number;
  readonly parts: ReadonlySet<Part>;
  /** The log is filled up to so many before it is read. */
  readonly eventsToRead: number;
  /** Where the services write V8 CPU profiles. */
  readonly profileDir: string | undefined;
}

export const HELP = `npx pnpm bench [options]

Measures Hookline on this machine: deliveries per second beside a raw loop of signed
POSTs; latency to receipt and to confirmation; appends and recorded attempts per second
beside bare inserts; events per second of a reader of the log. Prints a table and
writes bench-results.json. See docs/benchmark.md.

Options:
  --seconds <n>     how long one measurement lasts (4)
  --rounds <n>      how often each is repeated (3); medians are shown
  --quick           one round of two seconds each, and a log of 50,000 events to read
                    (else 200,000)
  --only <parts>    of ${PARTS.join(', ')},
                    separated by commas; the last three only when named here
  --profile <dir>   let the services write V8 CPU profiles there
  --help            this text`;

/** Throws an Error that says what is wrong; undefined when the help was asked for. */
export function readOptions(args: readonly string[]): BenchOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seconds: { type: 'string' },
      rounds: { type: 'string' },
      quick: { type: 'boolean' },
      only: { type: 'string' },
      profile: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return undefined;
  return {
    seconds: numberOf('--seconds', values.seconds, { min: 1, max: 600 }) ?? (values.quick ? 2 : 4),
    rounds: numberOf('--rounds', values.rounds, { min: 1, max: 100 }) ?? (values.quick ? 1 : 3),
    parts: new Set<Part>(
      values.only === undefined ? DEFAULT_PARTS : values.only.split(',').map(partOf),
    ),
    eventsToRead: values.quick ? 50_000 : 200_000,
    profileDir: values.profile === undefined ? undefined : resolve(values.profile),
  };
}

function partOf(name: string): Part {
  const part = PARTS.find((known) => known === name.trim());
  if (part === undefined) {
    throw new Error(`--only knows ${PARTS.join(', ')}, and not "${name}"`);
  }
  return part;
}

function numberOf(
  name: string,
  text: string | undefined,
  { min, max }: { readonly min: number; readonly max: number },
): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() !== '' && value >= min && value <= max) return value;
  throw new Error(`${name} is "${text}"; give a number from ${min} to ${max}`);
}
