import { TYPE_LENGTH_MAX } from './subjects.ts';

/** Root of the types that Hookline itself makes; `*` and other patterns never reach them. */
const OWN_ROOT = 'hookline';

/** The rule, as errors state it. */
const RULE =
  '"*" alone matches every type but hookline.*; a final "*" matches one or more segments ("server.*"); any other "*" matches exactly one ("server.*.completed")';

/**
 * Compiles a type pattern to a test on event types:
 * - `*` alone matches all but `hookline.*`;
 * - a final `*` matches one or more segments: `server.*` matches `server.started` and
 *   `server.backup.completed`, not `server`;
 * - any other `*` matches exactly one segment;
 * - types `hookline.…` need their exact name or `hookline.*`.
 *
 * The pattern must have passed checkTypePattern; names of other systems (`vm.recoveryStart`) work
 * as exact patterns too.
 */
export function compileTypePattern(pattern: string): (type: string) => boolean {
  if (!pattern.includes('*')) return (type) => type === pattern;
  if (pattern === '*') return (type) => !isOwn(type);
  const reachesOwn = pattern === `${OWN_ROOT}.*`;
  const fits = compileSegments(pattern.split('.'));
  return (type) => (reachesOwn || !isOwn(type)) && fits(type);
}

/** The fault of a type pattern, with what would be right; undefined when it has none. */
export function checkTypePattern(pattern: string): string | undefined {
  if (pattern === '') return `the pattern is empty; ${RULE}`;
  if (pattern.length > TYPE_LENGTH_MAX) {
    return `the pattern has ${pattern.length} characters; at most ${TYPE_LENGTH_MAX} are taken`;
  }
  const shown = JSON.stringify(pattern);
  if (pattern.includes('>')) return `${shown} holds ">", which is no wildcard here: ${RULE}`;
  const segments = pattern.split('.');
  if (segments.includes('')) {
    return `${shown} has an empty segment; write segments joined by single dots, for instance "server.started"`;
  }
  if (segments.some((segment) => segment !== '*' && segment.includes('*'))) {
    return `${shown} mixes "*" with other characters in one segment; ${RULE}`;
  }
  if (!segments.every((segment) => segment === '*' || /^[a-z0-9_]+$/.test(segment))) {
    const lower = pattern.toLowerCase();
    const helps = lower !== pattern && checkTypePattern(lower) === undefined;
    return `${shown} is no event type: segments hold only a-z, 0-9 and _${helps ? `; write "${lower}"` : ''}`;
  }
  if (segments[0] === OWN_ROOT && segments.includes('*') && pattern !== `${OWN_ROOT}.*`) {
    return `${shown} matches nothing: ${OWN_ROOT}.… types need their exact name or "${OWN_ROOT}.*"`;
  }
  return undefined;
}

function isOwn(type: string): boolean {
  return type.startsWith(`${OWN_ROOT}.`) || type === OWN_ROOT;
}

function compileSegments(segments: readonly string[]): (type: string) => boolean {
  const last = segments.length - 1;
  if (segments.indexOf('*') === last) {
    // The usual `server.*`: what stands before the star, and at least one character after it.
    const prefix = `${segments.slice(0, last).join('.')}.`;
    return (type) => type.length > prefix.length && type.startsWith(prefix);
  }
  const openEnded = segments[last] === '*';
  return (type) => {
    const parts = type.split('.');
    if (openEnded ? parts.length < segments.length : parts.length !== segments.length) return false;
    return segments.every((segment, index) => segment === '*' || segment === parts[index]);
  };
}
