import { count } from '../parts/numbers.ts';

/** Requests a second that may go out now; the API says 0 where nothing limits them. */
export function wordsOfRate(perSecond: number): string {
  if (perSecond === 0) return 'none';
  // A limit may be a hundredth a second, and is a sum of what each dispatcher allows.
  const rounded = Number(perSecond.toPrecision(3));
  return `${count(rounded)} a second`;
}

/**
 * Why the head of a line is not tried again by itself. Nothing is due while the webhook is held, and
 * else only when the head has used up its attempts.
 */
export function wordsOfNoAttempt(state: string): string {
  return state === 'active' ? 'none: it is stuck' : `when it is no longer ${state}`;
}
