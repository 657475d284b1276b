/** Where each event stands in its line, before it is known how many the line has had. */
export interface Numbering {
  /** Every line once, sorted by bytes, with how many events it gets. */
  readonly lines: readonly { readonly line: string; readonly added: number }[];
  /** Of each event: the place of its line in `lines`, from 1. */
  readonly places: readonly number[];
  /** Of each event: how many of its line come after it. */
  readonly following: readonly number[];
}

/** Numbers events by their lines, in their order. */
export function numberWithinLines(lineOfEach: readonly string[]): Numbering {
  const counts = new Map<string, number>();
  for (const line of lineOfEach) counts.set(line, (counts.get(line) ?? 0) + 1);
  const lines = [...counts]
    // As the collation "C" has it: characters beyond 16 bits sort otherwise in strings of this language.
    .map(([line, added]) => ({ line, added, bytes: Buffer.from(line).toString('latin1') }))
    .sort((a, b) => (a.bytes < b.bytes ? -1 : 1));
  const placeOf = new Map(lines.map(({ line }, index) => [line, index + 1]));
  const places: number[] = [];
  const following: number[] = [];
  for (const line of lineOfEach) {
    const left = (counts.get(line) as number) - 1;
    counts.set(line, left);
    places.push(placeOf.get(line) as number);
    following.push(left);
  }
  return { lines, places, following };
}

/** The sequence of each event, when the lines end at these, in the order of `lines`. */
export function sequencesOf({ places, following }: Numbering, tops: readonly bigint[]): bigint[] {
  return places.map(
    (place, index) => (tops[place - 1] as bigint) - BigInt(following[index] as number),
  );
}
