import type { StatisticsJson } from '../api/types.ts';
import { Facts } from '../parts/facts.tsx';
import { Loading } from '../parts/loading.tsx';
import { count, duration, percent } from '../parts/numbers.ts';
import { StateBadge } from '../parts/state-badge.tsx';
import { Trouble } from '../parts/trouble.tsx';
import { When } from '../parts/when.tsx';
import { wordsOfRate } from './health-words.ts';
import { useHealth } from './use-webhook.ts';

/** How an endpoint fares. */
export function HealthPanel({ id }: { readonly id: string }) {
  const { data: health, error } = useHealth(id);
  if (error !== null) return <Trouble error={error} />;
  if (health === undefined) return <Loading />;
  const windows = health.statistics.map((statistics): [string, string] => [
    `Last ${wordsOf(statistics.window_seconds)}`,
    summary(statistics),
  ]);
  return (
    <Facts
      facts={{
        Breaker: <StateBadge state={health.breaker_state} />,
        'Nothing is sent until':
          health.blocked_until === null ? undefined : <When at={health.blocked_until} />,
        'Rate limit now': wordsOfRate(health.requests_per_second_limit),
        Waiting: count(health.waiting_count),
        'Next attempt': <When at={health.next_attempt_at} none="none is due" />,
        'Dead letters': count(health.dead_letters_count),
        'Failures in a row': count(health.consecutive_failures_count),
        'Last success': <When at={health.last_success_at} none="never" />,
        'Last failure': <When at={health.last_failure_at} none="never" />,
        ...Object.fromEntries(windows),
      }}
    />
  );
}

function summary(statistics: StatisticsJson): string {
  const { attempts_count: attempts, succeeded_count: succeeded } = statistics;
  if (attempts === 0) return 'no attempts';
  const { latency_p50_ms: p50, latency_p95_ms: p95 } = statistics;
  return `${count(attempts)} attempts, ${percent(succeeded, attempts)} good, p50 ${duration(p50)}, p95 ${duration(p95)}`;
}

function wordsOf(seconds: number): string {
  if (seconds >= 86_000) return '24 hours';
  if (seconds >= 3_590) return 'hour';
  return `${Math.max(1, Math.round(seconds / 60))} min`;
}
