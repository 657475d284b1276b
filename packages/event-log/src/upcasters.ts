import type { LoggedEvent } from './logged-event.ts';

/** Turns the data of one version of an event type into that of the next. Pure. */
export interface Upcaster {
  readonly type: string;
  /** The result is of version `fromVersion + 1`. */
  readonly fromVersion: number;
  readonly upcast: (data: unknown) => unknown;
}

/** A row was written by a newer program than this one. */
export class UnknownSchemaVersionError extends Error {
  override readonly name = 'UnknownSchemaVersionError';
}

export interface Upcasters {
  /** The version that an event of this type is written in; 1 until its shape first changed. */
  currentVersion(type: string): number;
  /**
   * The event in its newest shape, itself if that is what it has. Throws UnknownSchemaVersionError
   * for one that is newer still: to guess would be to lose what it says.
   */
  upcast(event: LoggedEvent): LoggedEvent;
}

/**
 * Keeps past versions of events readable: rows of the log never change, so their shape is raised on
 * reading, one version at a time. Refuses two upcasters for one step, and a step that is missing.
 *
 * Payloads of servers' events go to receivers as they were published, and are not raised for them.
 */
export function createUpcasters(upcasters: readonly Upcaster[] = []): Upcasters {
  const steps = new Map<string, Map<number, Upcaster>>();
  for (const upcaster of upcasters) {
    const ofType = steps.get(upcaster.type) ?? new Map<number, Upcaster>();
    if (ofType.has(upcaster.fromVersion)) {
      throw new Error(`${upcaster.type} has two upcasters from version ${upcaster.fromVersion}`);
    }
    steps.set(upcaster.type, ofType.set(upcaster.fromVersion, upcaster));
  }
  for (const [type, ofType] of steps) {
    for (let version = 1; version <= ofType.size; version++) {
      if (!ofType.has(version)) throw new Error(`${type} has no upcaster from version ${version}`);
    }
  }
  const currentVersion = (type: string) => (steps.get(type)?.size ?? 0) + 1;
  return {
    currentVersion,
    upcast(event) {
      const current = currentVersion(event.type);
      if (event.schemaVersion === current) return event;
      if (event.schemaVersion > current) {
        throw new UnknownSchemaVersionError(
          `event ${event.eventId} (${event.type}) has schema version ${event.schemaVersion} and this program knows ${current}: run a newer one`,
        );
      }
      let data: unknown = JSON.parse(event.data);
      for (let version = event.schemaVersion; version < current; version++) {
        data = steps.get(event.type)?.get(version)?.upcast(data);
      }
      return { ...event, data: JSON.stringify(data), schemaVersion: current };
    },
  };
}
