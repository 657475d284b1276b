/** Messages on their way to one reader, in order and in bounded number. */
export interface MessageQueue<T> {
  /** Adds one; when it is full the message is dropped and counted. */
  add(message: T): void;
  /** Nothing more is added; reading ends after what is there. */
  end(): void;
  /** Messages as they come, and how many were dropped before each. */
  read(): AsyncGenerator<{ readonly message: T; readonly dropped: number }>;
}

/** A queue that holds at most so many. */
export function createMessageQueue<T>(messagesMax: number): MessageQueue<T> {
  const waiting: T[] = [];
  let dropped = 0;
  let ended = false;
  let bell = Promise.withResolvers<void>();
  return {
    add(message) {
      if (ended) return;
      if (waiting.length >= messagesMax) dropped += 1;
      else waiting.push(message);
      bell.resolve();
    },
    end() {
      ended = true;
      bell.resolve();
    },
    async *read() {
      while (true) {
        const message = waiting.shift();
        if (message !== undefined) {
          const before = dropped;
          dropped = 0;
          yield { message, dropped: before };
        } else if (ended) {
          return;
        } else {
          bell = Promise.withResolvers<void>();
          await bell.promise;
        }
      }
    },
  };
}
