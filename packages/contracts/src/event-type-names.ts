import type { Phase } from './event.ts';
import {
  eventTypes,
  findEventType,
  type VirtfusionName,
  type XenOrchestraCall,
} from './event-types.ts';
import { TYPE_LENGTH_MAX } from './subjects.ts';

/** VirtFusion's filter for everything; no event has this name, the real one is sent. */
export const VIRTFUSION_CATCH_ALL: VirtfusionName = { id: 1000, name: 'catch.all' };

/** A Xen Orchestra call as its hook reports it. */
export interface ReportedCall {
  readonly method: string;
  readonly phase: Phase;
  readonly failed?: boolean;
  readonly live?: boolean;
  readonly params?: Readonly<Record<string, unknown>>;
}

const byVirtfusion = new Map<string, string>();
const byMethod = new Map<string, { call: XenOrchestraCall; type: string }[]>();
const cdhostingNames = new Set<string>();

for (const { type, virtfusion = [], xenOrchestra = [], cdhosting } of eventTypes) {
  for (const { id, name } of virtfusion) byVirtfusion.set(String(id), type).set(name, type);
  for (const call of xenOrchestra) {
    byMethod.set(call.method, [...(byMethod.get(call.method) ?? []), { call, type }]);
  }
  if (cdhosting !== undefined) cdhostingNames.add(cdhosting);
}

/**
 * The canonical type of a VirtFusion event, by its name or its number (also as text). One that is
 * not in the catalogue is carried through as `virtfusion.<name>`.
 */
export function canonicalFromVirtfusion(nameOrId: string | number): string {
  const key = String(nameOrId);
  return byVirtfusion.get(key) ?? carriedThroughType('virtfusion', key);
}

/**
 * The type pattern that a VirtFusion filter stands for: `*` for catch.all (1000), else the canonical
 * type of its name or number; undefined for what VirtFusion does not have, such as 24.
 */
export function typePatternFromVirtfusion(nameOrId: string | number): string | undefined {
  const key = String(nameOrId);
  const { id, name } = VIRTFUSION_CATCH_ALL;
  return key === String(id) || key === name ? '*' : byVirtfusion.get(key);
}

/** VirtFusion's filter that stands for a type pattern; undefined where it has none. */
export function virtfusionFromTypePattern(pattern: string): VirtfusionName | undefined {
  return pattern === '*' ? VIRTFUSION_CATCH_ALL : virtfusionFromCanonical(pattern);
}

/** VirtFusion's number and name of a canonical type; undefined where it has none. */
export function virtfusionFromCanonical(type: string): VirtfusionName | undefined {
  return findEventType(type)?.virtfusion?.[0];
}

/**
 * The canonical type of a Xen Orchestra call. A migration is told apart by phase and outcome, a
 * forced stop from a shutdown by its parameters. An unknown method, or a phase of one that has no
 * canonical type (a backup job that begins), is carried through as `xo.<method>`.
 */
export function canonicalFromXenOrchestra(reported: ReportedCall): string {
  let best: string | undefined;
  let bestConditions = -1;
  for (const { call, type } of byMethod.get(reported.method) ?? []) {
    const conditions = conditionsMet(call, reported);
    if (conditions > bestConditions) {
      best = type;
      bestConditions = conditions;
    }
  }
  return best ?? carriedThroughType('xo', reported.method);
}

/** The Xen Orchestra calls that stand for a canonical type, the one it goes out as first. */
export function xenOrchestraFromCanonical(type: string): readonly XenOrchestraCall[] {
  return findEventType(type)?.xenOrchestra ?? [];
}

/** CDHosting's name of a canonical type; a type that it does not know keeps its own. */
export function cdhostingFromCanonical(type: string): string {
  return findEventType(type)?.cdhosting ?? type;
}

/** The canonical type of one of CDHosting's names, which are canonical as they stand; undefined for others. */
export function canonicalFromCdhosting(name: string): string | undefined {
  return cdhostingNames.has(name) ? name : undefined;
}

/**
 * The type under which an event of another system travels when it has no canonical one:
 * `<system>.<name>` in lower case, with `_` for what a type cannot hold, cut at 128 characters.
 */
export function carriedThroughType(system: 'xo' | 'virtfusion' | 'proxmox', name: string): string {
  return typeFromName(`${system}.${/[^.]/.test(name) ? name : 'unknown'}`);
}

/**
 * An event type out of any name: lower case, `_` for what a type cannot hold, no empty segments, cut
 * at 128 characters; `unknown` when nothing is left.
 */
export function typeFromName(name: string): string {
  const segments = name
    .toLowerCase()
    .split('.')
    .map((segment) => segment.replace(/[^a-z0-9_]/g, '_'))
    .filter((segment) => segment !== '');
  return segments.join('.').slice(0, TYPE_LENGTH_MAX).replace(/\.$/, '') || 'unknown';
}

/** How many conditions of a catalogued call the reported one meets; -1 when it breaks one. */
function conditionsMet(call: XenOrchestraCall, reported: ReportedCall): number {
  const pairs: [boolean | string | undefined, unknown][] = [
    [call.phase, reported.phase],
    [call.failed, reported.failed ?? false],
    [call.live, reported.live ?? false],
    ...Object.entries(call.params ?? {}).map(([name, value]): [boolean, unknown] => [
      value,
      reported.params?.[name],
    ]),
  ];
  const asked = pairs.filter(([wanted]) => wanted !== undefined);
  return asked.every(([wanted, found]) => wanted === found) ? asked.length : -1;
}
