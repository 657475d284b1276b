import { durationToMs, enumText } from '@hookline/contracts';

/** A message as `--json` prints it: names in snake_case, enums as words, times in RFC 3339. */
export type Json = Readonly<Record<string, unknown>>;

/** The word of an enum's value, as REST writes it; null for what this version does not know. */
export function word(values: Readonly<Record<string, number>>, prefix: string, value: number) {
  return enumText(values, prefix, value) ?? null;
}

export function timeOrNull(time: Date | undefined): string | null {
  return time?.toISOString() ?? null;
}

/** Positions and sequences: exact as JSON numbers up to 2^53, which none of ours reaches. */
export function number(value: bigint): number {
  return Number(value);
}

export function milliseconds(duration: Parameters<typeof durationToMs>[0] | undefined) {
  return duration === undefined ? null : durationToMs(duration);
}

/** For a person: to the second, in UTC. */
export function shortTime(json: Json, field: string): string {
  const text = json[field];
  return typeof text === 'string' ? `${text.slice(0, 10)} ${text.slice(11, 19)}` : '-';
}

export function shown(json: Json, field: string): string {
  const value = json[field];
  if (value === null || value === undefined || value === '') return '-';
  if (Array.isArray(value)) return value.length === 0 ? '-' : value.join(', ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** Every field of a JSON object with a value, for a person. */
export function fieldsOf(json: Json): [string, string][] {
  return Object.entries(json)
    .filter(([, value]) => !isEmpty(value))
    .map(([name]) => [name, shown(json, name)]);
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined || value === '') return true;
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === 'object' && Object.keys(value).length === 0;
}
