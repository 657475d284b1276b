/**
 * Pages somebody when a host is shut down or restarted, by PagerDuty's Events API v2.
 * Subscribe to: hypervisor.stopped, hypervisor.rebooted. Settings: WEBHOOK_SECRET, PAGING_KEY,
 * PAGING_URL (https://events.pagerduty.com/v2/enqueue).
 */
import { call, runRecipe, setting } from './harness.mjs';

const url = process.env.PAGING_URL ?? 'https://events.pagerduty.com/v2/enqueue';
const key = setting('PAGING_KEY');
const PAGED = ['hypervisor.stopped', 'hypervisor.rebooted'];

runRecipe(async ({ id, event }) => {
  if (!PAGED.includes(event.type)) return;
  await call(url, {
    routing_key: key,
    event_action: 'trigger',
    dedup_key: id, // a repeat is the same incident
    payload: {
      summary: `${event.type}: ${event.subject}`,
      source: event.subject,
      severity: 'critical',
      timestamp: event.time,
    },
  });
});
