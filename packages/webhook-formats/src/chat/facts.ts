import type { AcceptedEvent } from '@hookline/contracts';
import { oncePerEvent } from '../format.ts';
import { oneLine } from './text.ts';

/** What people want to know of an event; empty where it is not known. Foreign text, on one line. */
export interface Facts {
  readonly name: string;
  readonly id: string;
  readonly state: string;
  readonly address: string;
  readonly host: string;
  readonly who: string;
  readonly why: string;
}

type Path = readonly string[];

const NAMES: Readonly<Record<string, readonly Path[]>> = {
  server: [['name'], ['server', 'name'], ['server', 'hostname'], ['hostname']],
  user: [
    ...[['name'], ['email'], ['user', 'name'], ['user', 'email']],
    ...[
      ['after', 'name'],
      ['after', 'email'],
      ['before', 'name'],
    ],
  ],
  hypervisor: [['hypervisor', 'name'], ['hypervisor', 'id'], ['host', 'name'], ['host'], ['name']],
  billing: [
    ['subscription', 'name'],
    ['payment', 'id'],
  ],
};
const HOSTS: readonly Path[] = [
  ['hypervisor', 'name'],
  ['server', 'hypervisor', 'name'],
  ['migration', 'to', 'name'],
  ['hypervisor'],
  ['host'],
  ['node'],
];
const REASONS: readonly Path[] = [
  ['error', 'message'],
  ['error'],
  ['errors', '0', 'message'],
  ['errors', '0'],
  ['reason'],
];

/** What an event tells people, found once per event. */
export const factsOf = oncePerEvent((event: AcceptedEvent): Facts => {
  const data: unknown = JSON.parse(event.data);
  const group = event.type.split('.')[0] ?? '';
  const first = (paths: readonly Path[]): string => {
    for (const path of paths) {
      const text = textAt(data, path);
      if (text !== '') return text;
    }
    return '';
  };
  const { username, authid, actor, reason } = event.extensions;
  const subject = oneLine(event.subject ?? '');
  const isHypervisor = group === 'hypervisor';
  return {
    name: first(NAMES[group] ?? NAMES.server ?? []) || subject,
    id: subject,
    state: first([isHypervisor ? ['type'] : ['status']]),
    address: first([['ip']]),
    host: isHypervisor ? '' : first(HOSTS) || hostOf(event.source),
    who: oneLine(username ?? authid ?? WHO[actor ?? ''] ?? ''),
    why: oneLine(reason ?? '') || first(REASONS),
  };
});

const WHO: Readonly<Record<string, string>> = {
  guest: 'the guest itself',
  host: 'the hypervisor',
};

/** Agents publish as `/hosts/<host>`. */
function hostOf(source: string): string {
  const host = /^\/hosts\/(.+)$/.exec(source)?.[1];
  return host === undefined ? '' : oneLine(host);
}

/** A text or number in parsed data; empty for anything else. */
function textAt(data: unknown, path: Path): string {
  const found = path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, key)
        ? (value as Record<string, unknown>)[key]
        : undefined,
    data,
  );
  return typeof found === 'string' || typeof found === 'number' ? oneLine(String(found)) : '';
}
