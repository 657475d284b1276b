/** So many messages, and so many bytes. */
export interface Amount {
  readonly messages: number;
  readonly bytes: number;
}

/**
 * The room that all lanes share beyond the small allowance each of them has: what is asked for and
 * what has come and was not taken yet.
 */
export interface LanePool {
  /** What is left. */
  free(): Amount;
  /** An equal part for each lane that has something on hand or asked for. */
  share(): Amount;
  take(amount: Amount): void;
  give(amount: Amount): void;
  /** A lane begins or ceases to have something on hand or asked for. */
  activate(): void;
  deactivate(): void;
  /** Calls back, once, soon after room was given back; the first to wait is the first to be called. */
  wait(callback: () => void): void;
  forget(callback: () => void): void;
}

export function createLanePool(total: Amount): LanePool {
  const waiting = new Set<() => void>();
  let messages = total.messages;
  let bytes = total.bytes;
  let active = 0;
  let scheduled = false;

  const callWaiting = (): void => {
    scheduled = false;
    const callbacks = [...waiting];
    waiting.clear();
    for (const callback of callbacks) callback();
  };

  const schedule = (): void => {
    if (scheduled || waiting.size === 0) return;
    scheduled = true;
    setImmediate(callWaiting);
  };

  return {
    free: () => ({ messages, bytes }),
    share() {
      const parts = Math.max(1, active);
      return {
        messages: Math.floor(total.messages / parts),
        bytes: Math.floor(total.bytes / parts),
      };
    },
    take(amount) {
      messages -= amount.messages;
      bytes -= amount.bytes;
    },
    give(amount) {
      if (amount.messages === 0 && amount.bytes === 0) return;
      messages += amount.messages;
      bytes += amount.bytes;
      schedule();
    },
    activate() {
      active += 1;
    },
    deactivate() {
      active -= 1;
      schedule();
    },
    wait: (callback) => void waiting.add(callback),
    forget: (callback) => void waiting.delete(callback),
  };
}
