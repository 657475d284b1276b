import { type ReactNode, useEffect, useEffectEvent, useMemo, useState } from 'react';
import { useSigning } from '../session/session.ts';
import { LiveContext, type LiveListener, type LiveMessages, type LiveState } from './live.ts';

const MESSAGES = ['attempt', 'event', 'overview', 'gap'] as const;
const RECONNECT_MS = 5_000;

/** Keeps one stream of server-sent events open for the whole page. */
export function LiveProvider({ children }: { readonly children: ReactNode }) {
  const { forget } = useSigning();
  const end = useEffectEvent(forget);
  const [state, setState] = useState<LiveState>('connecting');
  const [listeners] = useState(() => new Map<string, Set<LiveListener<keyof LiveMessages>>>());

  useEffect(() => {
    let source: EventSource | undefined;
    let timer: number | undefined;
    const connect = () => {
      source = new EventSource('/console/live?overview=true');
      source.addEventListener('open', () => setState('live'));
      source.addEventListener('alive', () => setState('live'));
      source.addEventListener('trouble', () => setState('trouble'));
      source.addEventListener('ended', () => end());
      source.addEventListener('error', () => {
        setState('trouble');
        // A refused stream is not opened again by the browser itself.
        if (source?.readyState === EventSource.CLOSED) {
          timer = window.setTimeout(connect, RECONNECT_MS);
        }
      });
      for (const name of MESSAGES) {
        source.addEventListener(name, (message: MessageEvent<string>) => {
          const value = JSON.parse(message.data) as LiveMessages[typeof name];
          for (const listener of listeners.get(name) ?? []) listener(value);
        });
      }
    };
    connect();
    return () => {
      window.clearTimeout(timer);
      source?.close();
    };
  }, [listeners]);

  const live = useMemo(() => ({ state, listeners }), [state, listeners]);
  return <LiveContext value={live}>{children}</LiveContext>;
}
