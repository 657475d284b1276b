import type { Kysely } from 'kysely';
import type { LoggedEvent } from '../logged-event.ts';
import type { HooklineSchema } from '../schema.ts';
import { createUpcasters, type Upcasters } from '../upcasters.ts';

/** Where a projection writes: the transaction that moves its checkpoint, and its tables. */
export interface ProjectionTarget {
  readonly transaction: Kysely<HooklineSchema>;
  /**
   * The qualified name under which to find one of its tables, to be put into SQL as it is. It is
   * another one during a rebuild, so a projection never names a table itself.
   */
  readonly table: (name: string) => string;
}

/**
 * A read model as a fold of the log: what its tables hold depends on the events alone, in their
 * order, not on the time, on chance or on how they were cut into batches.
 */
export interface Projection {
  /** `[a-z_]{1,40}`, for ever. */
  readonly name: string;
  /** Raised whenever the fold changes: rows folded by another version must be rebuilt. */
  readonly version: number;
  /** Its tables in schema hookline, without the schema; made by migrations. */
  readonly tables: readonly string[];
  readonly upcasters: Upcasters;
  /** Folds events, in their order, into the tables. */
  handle(events: readonly LoggedEvent[], target: ProjectionTarget): Promise<void>;
  /** Removes what comes only from events recorded before this time, which the log no longer has. */
  forget?(before: Date, target: ProjectionTarget): Promise<void>;
}

/** Checks the definition; throws when a name would not do in SQL. */
export function createProjection(
  definition: Omit<Projection, 'upcasters'> & { readonly upcasters?: Upcasters },
): Projection {
  for (const name of [definition.name, ...definition.tables]) {
    if (!/^[a-z][a-z_]{0,39}$/.test(name)) {
      throw new Error(`"${name}" is no name for a projection or its table: use [a-z_], at most 40`);
    }
  }
  if (definition.tables.length === 0) throw new Error(`${definition.name} has no tables`);
  return { ...definition, upcasters: definition.upcasters ?? createUpcasters() };
}
