/** What a receiver of an ordered subscription saw. */
export interface LineWitness {
  /** Notes one request, by the sequence its headers name and the server it is about. */
  see(server: string, sequence: number): void;
  /** How many different events were seen. */
  seen(): number;
  /** How often an event was first seen after a later one of its server was (P7). */
  inversions(): readonly string[];
  /** Sequences from 1 to `last` that were never seen, of each server named. */
  missing(servers: readonly string[], last: number): readonly string[];
}

/** Watches requests for the order of each server's events; repeats of what was seen tell nothing. */
export function createLineWitness(): LineWitness {
  const lines = new Map<string, { readonly known: Set<number>; top: number }>();
  const inversions: string[] = [];
  return {
    see(server, sequence) {
      const line = lines.get(server) ?? { known: new Set<number>(), top: 0 };
      lines.set(server, line);
      if (line.known.has(sequence)) return;
      line.known.add(sequence);
      if (sequence < line.top) inversions.push(`${server}: ${sequence} after ${line.top}`);
      line.top = Math.max(line.top, sequence);
    },
    seen: () => [...lines.values()].reduce((sum, { known }) => sum + known.size, 0),
    inversions: () => inversions,
    missing: (servers, last) =>
      servers.flatMap((server) => {
        const known = lines.get(server)?.known;
        const all = Array.from({ length: last }, (_, index) => index + 1);
        return all.filter((sequence) => !known?.has(sequence)).map((n) => `${server}: ${n}`);
      }),
  };
}
