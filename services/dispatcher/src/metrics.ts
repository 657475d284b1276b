import { PING_TYPE } from '@hookline/contracts';
import { createBoundedLabel, type Metrics } from '@hookline/service-runtime';
import type { DecidedAttempt } from './domain/dispatch-record.ts';
import type { Breaker } from './domain/endpoint-guard.ts';

export interface DispatchMetrics {
  /** Counts an attempt that is on record. */
  recorded(decided: DecidedAttempt): void;
  /** Shows what is under way whenever the metrics are read. */
  watch(state: {
    readonly running: () => number;
    readonly eventsUnderWay: () => number;
    /** Endpoints in use, by the state of their breakers. */
    readonly breakers: () => Readonly<Record<Breaker, number>>;
  }): void;
}

/** What an operator sees of dispatching; never an endpoint's id as a label. */
export function createDispatchMetrics(metrics: Metrics): DispatchMetrics {
  const attempts = metrics.counter({
    name: 'hookline_attempts_total',
    help: 'Attempts on record, by outcome.',
  });
  const duration = metrics.histogram({
    name: 'hookline_attempt_duration_seconds',
    help: 'How long a request took, from name lookup to the end of the response.',
  });
  const lag = metrics.histogram({
    name: 'hookline_first_attempt_lag_seconds',
    help: 'From the acceptance of an event to the start of its first attempt.',
  });
  const dead = metrics.counter({
    name: 'hookline_dead_letters_total',
    help: 'Deliveries given up.',
  });
  const perSuccess = metrics.histogram({
    name: 'hookline_attempts_per_success',
    help: 'By which attempt deliveries succeeded.',
    buckets: [1, 2, 3, 4, 5, 7, 10, 20, 30],
  });
  const refused = metrics.counter({
    name: 'hookline_addresses_refused_total',
    help: 'Attempts that were not made since they would have gone where none may.',
  });
  const ofTenants = metrics.counter({
    name: 'hookline_tenant_attempts_total',
    help: 'Attempts on record, by tenant and whether they succeeded.',
  });
  const deadOfTenants = metrics.counter({
    name: 'hookline_tenant_dead_letters_total',
    help: 'Deliveries given up, by tenant.',
  });
  const tenantLabel = createBoundedLabel();
  return {
    recorded({ attempt, decision }) {
      const { result, startedAt, delivery, number } = attempt;
      const { type, recordedAt: acceptedAt } = delivery.entry.event;
      const tenant = tenantLabel(delivery.entry.event.tenant);
      const succeeded = result.outcome === 'succeeded' ? 'yes' : 'no';
      ofTenants.add(1, { tenant, succeeded });
      attempts.add(1, { outcome: result.outcome });
      duration.observe(result.durationMs / 1000);
      if (number === 1) {
        lag.observe(Math.max(0, startedAt.getTime() - acceptedAt.getTime()) / 1000);
      }
      if (result.outcome === 'succeeded') perSuccess.observe(number);
      if (result.outcome === 'address_refused') refused.add(1);
      if (decision.kind === 'dead' && type !== PING_TYPE) {
        dead.add(1);
        deadOfTenants.add(1, { tenant });
      }
    },
    watch({ running, eventsUnderWay, breakers }) {
      metrics.gauge({
        name: 'hookline_attempts_running',
        help: 'Requests under way.',
        collect: running,
      });
      metrics.gauge({
        name: 'hookline_events_unsettled',
        help: 'Events read and not settled yet.',
        collect: eventsUnderWay,
      });
      metrics.gauge({
        name: 'hookline_endpoints_used',
        help: 'Endpoints in use, whatever the state of their circuit breakers.',
        collect: () => Object.values(breakers()).reduce((sum, count) => sum + count, 0),
      });
      metrics.gauge({
        name: 'hookline_endpoints_open',
        help: 'Endpoints that get nothing since their circuit breakers are open.',
        collect: () => breakers().open,
      });
      metrics.gauge({
        name: 'hookline_endpoints_half_open',
        help: 'Endpoints whose next request decides whether their circuit breakers close.',
        collect: () => breakers().half_open,
      });
    },
  };
}
