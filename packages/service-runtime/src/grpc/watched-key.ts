/** How a stream is watched. */
export interface WatchedKey {
  /** Ends the stream anyway. */
  readonly signal: AbortSignal;
  /** Whether the key still opens the stream; throws when that cannot be found out at the moment. */
  readonly isGood: () => Promise<boolean>;
  /** What the stream ends with when it does not. */
  readonly refusal: () => Error;
  /** Between two looks, in milliseconds. */
  readonly recheckMs: number;
}

/**
 * A stream for as long as its key is good: a credential that was taken away must not go on hearing
 * because it began in time. While the key cannot be checked the stream goes on, as it would be
 * UNAVAILABLE for everybody otherwise; the next look decides.
 */
export async function whileKeyIsGood(
  open: (signal: AbortSignal) => Promise<unknown>,
  watched: WatchedKey,
): Promise<AsyncIterable<unknown>> {
  const refused = new AbortController();
  const signal = AbortSignal.any([watched.signal, refused.signal]);
  const responses = (await open(signal)) as AsyncIterable<unknown>;
  return relay(responses, watched, refused);
}

async function* relay(
  responses: AsyncIterable<unknown>,
  watched: WatchedKey,
  refused: AbortController,
): AsyncGenerator<unknown> {
  const watch = followKey(watched, refused);
  try {
    for await (const response of responses) {
      refused.signal.throwIfAborted();
      yield response;
    }
    // The handler ended because it was told to, and the client is to know why.
    refused.signal.throwIfAborted();
  } finally {
    watch.stop();
  }
}

function followKey(
  { signal, isGood, refusal, recheckMs }: WatchedKey,
  refused: AbortController,
): { stop(): void } {
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  const stop = (): void => {
    isStopped = true;
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  };
  const look = async (): Promise<void> => {
    const good = await isGood().catch(() => true);
    if (isStopped) return;
    if (good) timer = setTimeout(look, recheckMs);
    else refused.abort(refusal());
  };
  timer = setTimeout(look, recheckMs);
  signal.addEventListener('abort', stop, { once: true });
  return { stop };
}
