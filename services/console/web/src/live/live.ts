import { createContext, useContext, useEffect, useRef } from 'react';
import type { EventJson, LiveAttemptJson, OverviewJson } from '../api/types.ts';

/** What the stream tells, by name. */
export interface LiveMessages {
  readonly attempt: LiveAttemptJson;
  readonly event: EventJson;
  readonly overview: OverviewJson;
  /** The browser was too slow, or there was too much: what was left out is in the lists. */
  readonly gap: { readonly dropped_count: number };
}

export type LiveListener<N extends keyof LiveMessages> = (message: LiveMessages[N]) => void;
export type LiveState = 'connecting' | 'live' | 'trouble';

interface Live {
  readonly state: LiveState;
  readonly listeners: Map<string, Set<LiveListener<keyof LiveMessages>>>;
}

export const LiveContext = createContext<Live | undefined>(undefined);

/** Hears one kind of message for as long as the component is shown. */
export function useLive<N extends keyof LiveMessages>(name: N, listener: LiveListener<N>): void {
  const live = useContext(LiveContext);
  const latest = useRef(listener);
  useEffect(() => {
    latest.current = listener;
  });
  useEffect(() => {
    const hear = (message: LiveMessages[keyof LiveMessages]) =>
      latest.current(message as LiveMessages[N]);
    const ofName = live?.listeners.get(name) ?? new Set();
    live?.listeners.set(name, ofName.add(hear));
    return () => void ofName.delete(hear);
  }, [live?.listeners, name]);
}

export function useLiveState(): LiveState {
  return useContext(LiveContext)?.state ?? 'connecting';
}
