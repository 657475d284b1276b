import assert from 'node:assert/strict';
import { type Decider, foldEvents } from './decider.ts';

/** What is to come of a command, see specify(). */
export interface Expectation<Event> {
  /** Exactly these events, in this order; none: nothing happens. */
  then(...events: readonly Event[]): void;
  /** It is refused with an error of this code (or, without one, whose message matches). */
  thenRefused(expected: string | RegExp): void;
}

export interface Specification<Command, Event> {
  given(...events: readonly Event[]): { when(command: Command): Expectation<Event> };
}

/**
 * For tests of a decider: `specify(decider).given(made).when(rename).then(renamed)`. The decision
 * is made when it is asked about; a failed expectation throws an AssertionError.
 */
export function specify<Command, Event, State>(
  decider: Decider<Command, Event, State>,
): Specification<Command, Event> {
  return {
    given: (...past) => ({
      when(command) {
        const decided = () => decider.decide(command, foldEvents(decider, past));
        return {
          // biome-ignore lint/suspicious/noThenProperty: given, when, then; it is never awaited.
          then: (...events) => assert.deepEqual(decided(), events),
          thenRefused(expected) {
            assert.throws(decided, (error: Error & { code?: unknown }) => {
              if (typeof expected === 'string') assert.equal(error.code, expected);
              else assert.match(error.message, expected);
              return true;
            });
          },
        };
      },
    }),
  };
}
