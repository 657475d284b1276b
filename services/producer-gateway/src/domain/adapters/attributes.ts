import { ATTRIBUTE_LENGTH_MAX, isRfc3339 } from '@hookline/contracts';

/** Longest name of what an event is about: it is part of an index. */
const SUBJECT_LENGTH_MAX = 256;

/**
 * A text as a CloudEvents attribute: control characters are taken out and what is too long is cut,
 * since the system that sent it cannot be asked for another. undefined when nothing is left.
 */
export function attribute(
  text: string | undefined,
  lengthMax = ATTRIBUTE_LENGTH_MAX,
): string | undefined {
  const clean = text
    ?.slice(0, lengthMax)
    .toWellFormed()
    .replaceAll(/\p{Cc}+/gu, ' ')
    .trim();
  return clean === '' ? undefined : clean;
}

/**
 * What an event is about. Ids of users and hypervisors get their kind before them: in VirtFusion all
 * are small numbers, and a filter on server 12 must not take what is about user 12.
 */
export function subjectOf(id: string | undefined, kind?: 'user' | 'hypervisor') {
  const clean = attribute(id, SUBJECT_LENGTH_MAX - 16);
  return clean === undefined || kind === undefined ? clean : `${kind}/${clean}`;
}

/** A text as the time of an event; undefined when it is none. */
export function timeOf(text: string | undefined): string | undefined {
  return text !== undefined && isRfc3339(text) ? text : undefined;
}

const EARLIEST_MS = Date.UTC(2000, 0, 1);
const LATEST_MS = Date.UTC(2200, 0, 1);

/** Milliseconds since 1970 as the time of an event; undefined for what cannot be one, such as 0. */
export function timeOfMs(ms: unknown): string | undefined {
  if (typeof ms !== 'number' || !(ms >= EARLIEST_MS && ms < LATEST_MS)) return undefined;
  return new Date(ms).toISOString();
}

/** Only what is there: absent extensions are left out. */
export function given(extensions: Readonly<Record<string, string | undefined>>) {
  return Object.fromEntries(
    Object.entries(extensions).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
