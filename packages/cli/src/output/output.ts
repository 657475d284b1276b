import { styleText } from 'node:util';
import { jsonText } from './printable.ts';
import { type Column, fieldLines, tableLines } from './table.ts';

/** A stream to write to, as far as it matters here. */
export interface Sink {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export type Colour = 'green' | 'red' | 'yellow' | 'cyan' | 'dim' | 'bold';

/** What commands print with: results on the standard output, everything else on the error output. */
export interface Output {
  readonly isJson: boolean;
  /** Whether the error output is a terminal, on which a line can be written over. */
  readonly isInteractive: boolean;
  /** A line of the result, for people. Nothing with --json. */
  line(text?: string): void;
  /** The result as JSON, on lines of its own. */
  json(value: unknown): void;
  /** One of many results as JSON, on one line. */
  jsonLine(value: unknown): void;
  table<T>(columns: readonly Column<T>[], rows: readonly T[]): void;
  fields(fields: readonly (readonly [name: string, text: string])[]): void;
  /** Something to know, on the error output. */
  note(text: string): void;
  /** Replaces the present line of the error output; on a terminal alone. */
  status(text: string): void;
  colour(colour: Colour, text: string): string;
}

export interface OutputOptions {
  readonly stdout: Sink;
  readonly stderr: Sink;
  readonly isJson: boolean;
  /** NO_COLOR and TERM are looked at. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

const CLEAR_LINE = '\r\u001b[K';

export function createOutput({ stdout, stderr, isJson, env }: OutputOptions): Output {
  const isColoured =
    stdout.isTTY === true && (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb' && !isJson;
  const isInteractive = stderr.isTTY === true && env.TERM !== 'dumb';
  let hasStatus = false;
  const colour = (name: Colour, text: string) =>
    isColoured ? styleText(name, text, { validateStream: false }) : text;
  const dim = (text: string) => colour('dim', text);
  const clear = () => {
    if (hasStatus) stderr.write(CLEAR_LINE);
    hasStatus = false;
  };
  const print = (text: string) => {
    clear();
    stdout.write(`${text}\n`);
  };
  const line = (text = '') => {
    if (!isJson) print(text);
  };
  return {
    isJson,
    isInteractive,
    line,
    json: (value) => print(jsonText(value, 2)),
    jsonLine: (value) => print(jsonText(value)),
    table(columns, rows) {
      // A terminal of no width is one that does not know its own.
      const width = stdout.isTTY === true ? stdout.columns || undefined : undefined;
      for (const each of tableLines(columns, rows, { width, dim })) line(each);
    },
    fields(fields) {
      for (const each of fieldLines(fields, dim)) line(each);
    },
    note(text) {
      clear();
      stderr.write(`${text}\n`);
    },
    status(text) {
      if (!isInteractive) return;
      const columns = stderr.columns || 80;
      stderr.write(`${CLEAR_LINE}${text.slice(0, columns - 1)}`);
      hasStatus = text !== '';
    },
    colour,
  };
}
