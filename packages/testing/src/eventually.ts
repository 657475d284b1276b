export interface EventuallyOptions {
  /** How long the assertion may fail; 20 s by default, for machines that are slow. */
  readonly timeoutMs?: number;
  /** Pause between two tries; 20 ms by default. */
  readonly intervalMs?: number;
}

/**
 * Repeats an assertion until it holds, and returns what it returned. When time is
 * up, throws the assertion's last error, so the test report shows the difference itself.
 */
export async function eventually<T>(
  assertion: () => T | Promise<T>,
  options: EventuallyOptions = {},
): Promise<T> {
  const { timeoutMs = 20_000, intervalMs = 20 } = options;
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    try {
      return await assertion();
    } catch (error) {
      if (performance.now() >= deadline) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, intervalMs));
  }
}
