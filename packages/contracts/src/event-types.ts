import type { DataShapeName } from './event-data-shapes.ts';
import { hooklineEventTypes } from './event-types-hookline.ts';
import { platformEventTypes } from './event-types-platform.ts';
import { serverEventTypes } from './event-types-server.ts';
import { serverRuntimeEventTypes } from './event-types-server-runtime.ts';

/** VirtFusion's number and name of an event. */
export interface VirtfusionName {
  readonly id: number;
  readonly name: string;
  /** It is triggered by success alone. */
  readonly successOnly?: true;
}

/**
 * A Xen Orchestra call that stands for a type. What is given must hold; a call that fits several
 * types belongs to the one that asks for most.
 */
export interface XenOrchestraCall {
  readonly method: string;
  /** Only the hook before or the hook after the call; absent: either, the event's phase tells. */
  readonly phase?: 'pre' | 'post';
  readonly failed?: boolean;
  /** The server was running: the hook does not say so, an adapter may know. */
  readonly live?: true;
  /** Parameters of the call by which one method is told from another of the same name. */
  readonly params?: Readonly<Record<string, boolean>>;
}

/** One canonical type and its names in the systems we speak with. */
export interface EventType {
  readonly type: string;
  readonly description: string;
  /** What its canonical data look like. */
  readonly data: DataShapeName;
  /** Members of its example that are other than the shape's. */
  readonly example?: Readonly<Record<string, unknown>>;
  /** The first is the name it goes out under; further ones are other spellings of it. */
  readonly virtfusion?: readonly VirtfusionName[];
  /** The first is the call it goes out as. */
  readonly xenOrchestra?: readonly XenOrchestraCall[];
  /** The name it goes out under; a type without one goes out under its own. */
  readonly cdhosting?: string;
}

/**
 * Every canonical event type. Tenants may add their own, and unknown types pass through.
 *
 * Three words that mean different things elsewhere: `suspended` is VirtFusion's administrative
 * lock, `hibernated` is memory written to disk (Xen Orchestra's suspend), `paused` is a stopped
 * processor (libvirt's Suspended). `deleted` is VirtFusion's destroy; libvirt's destroy is
 * `powered_off`.
 */
export const eventTypes: readonly EventType[] = [
  ...serverEventTypes,
  ...serverRuntimeEventTypes,
  ...platformEventTypes,
  ...hooklineEventTypes,
];

const byType = new Map(eventTypes.map((entry) => [entry.type, entry]));

/** The entry of a canonical type; undefined for one that is not in the catalogue. */
export function findEventType(type: string): EventType | undefined {
  return byType.get(type);
}
