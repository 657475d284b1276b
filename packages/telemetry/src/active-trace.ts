import { AsyncLocalStorage } from 'node:async_hooks';
import type { TraceContext } from './trace-context.ts';

const active = new AsyncLocalStorage<TraceContext>();

/** Runs a call within a trace: the lines it logs carry the ids, also after it has awaited something. */
export function runInTrace<T>(context: TraceContext, run: () => T): T {
  return active.run(context, run);
}

/** The trace of the call that is under way here. */
export function activeTrace(): TraceContext | undefined {
  return active.getStore();
}
