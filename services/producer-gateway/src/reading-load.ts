/** How many shards one gateway reads or asks for, so that several gateways share them. */
export interface ReadingLoad {
  /** Marks a shard as read or asked for by this gateway, or as neither. */
  set(shard: string, isOurs: boolean): void;
  /** How many there are beside this one. */
  others(shard: string): number;
  /** Shards that are read or asked for. */
  shards(): string[];
}

export function createReadingLoad(): ReadingLoad {
  const ours = new Set<string>();
  return {
    set(shard, isOurs) {
      if (isOurs) ours.add(shard);
      else ours.delete(shard);
    },
    others: (shard) => ours.size - (ours.has(shard) ? 1 : 0),
    shards: () => [...ours],
  };
}
