import { type Duration, durationToMs, type Overview } from '@hookline/contracts';
import { round } from '../rest/delivery-json.ts';
import { instantText } from '../rest/times.ts';

/** An overview as the page shows it. */
export function toOverviewJson(overview: Overview) {
  return {
    time: instantText(overview.time),
    events_count: Number(overview.eventsCount),
    attempts_count: Number(overview.attemptsCount),
    succeeded_count: Number(overview.succeededCount),
    is_estimate: overview.isEstimate,
    latency_p50_ms: msOf(overview.latencyP50),
    latency_p95_ms: msOf(overview.latencyP95),
    latency_p99_ms: msOf(overview.latencyP99),
    waiting_count: Number(overview.waitingCount),
    more_are_waiting: overview.moreAreWaiting,
    dead_letters_count: Number(overview.deadLettersCount),
    more_are_dead: overview.moreAreDead,
    stretches: overview.stretches.map((stretch) => ({
      start_at: instantText(stretch.startTime),
      events_count: stretch.eventsCount === undefined ? null : Number(stretch.eventsCount),
      attempts_count: Number(stretch.attemptsCount),
      succeeded_count: Number(stretch.succeededCount),
      latency_p50_ms: msOf(stretch.latencyP50),
      latency_p95_ms: msOf(stretch.latencyP95),
    })),
  };
}

function msOf(duration: Duration | undefined): number | null {
  return duration === undefined ? null : round(durationToMs(duration));
}
