import { type IdPrefix, newId } from '@hookline/contracts';

/** How many characters of an id's suffix are its time. */
const TIME_LENGTH = 10;

/** What sorts before every id of that time or later, and after every id before it: ids begin with their time. */
export function idBound(prefix: IdPrefix, timeMs: number): string {
  return newId(prefix, Math.max(0, timeMs)).slice(0, prefix.length + 1 + TIME_LENGTH);
}
