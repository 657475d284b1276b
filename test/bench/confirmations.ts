/** When each event was published whose confirmation is awaited, in the agent's process. */
export interface Confirmations {
  published(sourceId: string, atUs: number): void;
  /** Takes one confirmation, as it came. */
  take(answer: Uint8Array): void;
  /** What came since the last time. */
  collect(): {
    readonly latenciesUs: readonly number[];
    readonly awaited: number;
    readonly rejected: number;
  };
}

export function createConfirmations(): Confirmations {
  const awaited = new Map<string, number>();
  let latenciesUs: number[] = [];
  let rejected = 0;
  return {
    published: (sourceId, atUs) => void awaited.set(sourceId, atUs),
    take(answer) {
      const now = monotonicUs();
      const { source_id: sourceId, event_id: eventId } = JSON.parse(
        Buffer.from(answer).toString(),
      ) as { source_id: string; event_id?: string };
      const publishedUs = awaited.get(sourceId);
      if (publishedUs === undefined) return;
      awaited.delete(sourceId);
      if (eventId === undefined) rejected += 1;
      else latenciesUs.push(now - publishedUs);
    },
    collect() {
      const collected = { latenciesUs, awaited: awaited.size, rejected };
      latenciesUs = [];
      rejected = 0;
      return collected;
    },
  };
}

/** Microseconds of the clock that all processes of the machine share. */
export function monotonicUs(): number {
  return Number(process.hrtime.bigint() / 1000n);
}
