import { printable, widthOf } from './printable.ts';

/** A column of a table for people. */
export interface Column<T> {
  readonly title: string;
  readonly text: (row: T) => string;
  /** Numbers stand at the right. */
  readonly align?: 'right';
  /** Is cut when the terminal is too narrow. */
  readonly canShrink?: true;
}

const GAP = '  ';
const SHRUNK_MIN = 12;

export interface TableOptions {
  /** Columns of the terminal; undefined when it is none, and nothing is cut. */
  readonly width: number | undefined;
  readonly dim: (text: string) => string;
}

/** Lines of a table, its titles first. */
export function tableLines<T>(
  columns: readonly Column<T>[],
  rows: readonly T[],
  { width, dim }: TableOptions,
): string[] {
  const cells = rows.map((row) => columns.map(({ text }) => printable(text(row))));
  const natural = columns.map(({ title }, index) =>
    Math.max(widthOf(title), ...cells.map((row) => widthOf(row[index] ?? ''))),
  );
  const widths = width === undefined ? natural : shrink(columns, natural, width);
  const line = (texts: readonly string[]) =>
    texts
      .map((text, index) => fit(text, widths[index] ?? 0, columns[index]?.align))
      .join(GAP)
      .trimEnd();
  return [dim(line(columns.map(({ title }) => title))), ...cells.map(line)];
}

/** Lines of names and what they are, the names in a column. */
export function fieldLines(
  fields: readonly (readonly [name: string, text: string])[],
  dim: (text: string) => string,
): string[] {
  const width = Math.max(0, ...fields.map(([name]) => widthOf(name)));
  return fields.map(([name, text]) => `${dim(fit(name, width))}${GAP}${printable(text)}`);
}

function shrink<T>(columns: readonly Column<T>[], natural: readonly number[], width: number) {
  let excess = natural.reduce((sum, each) => sum + each, GAP.length * (natural.length - 1)) - width;
  return natural.map((each, index) => {
    if (columns[index]?.canShrink !== true || excess <= 0) return each;
    const cut = Math.min(excess, Math.max(0, each - SHRUNK_MIN));
    excess -= cut;
    return each - cut;
  });
}

function fit(text: string, width: number, align?: 'right'): string {
  const excess = widthOf(text) - width;
  if (excess > 0) return `${[...text].slice(0, Math.max(0, width - 1)).join('')}…`;
  const padding = ' '.repeat(-excess);
  return align === 'right' ? padding + text : text + padding;
}
