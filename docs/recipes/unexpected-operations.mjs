/**
 * Raises an alert for every operation that nobody expects, and for the expected ones by strangers.
 * Subscribe with format xen-orchestra to: *. Settings: WEBHOOK_SECRET, ALERT_URL, EXPECTED_METHODS
 * and EXPECTED_USERS (comma-separated).
 */
import { call, runRecipe, setting } from './harness.mjs';

const url = setting('ALERT_URL');
const methods = new Set(setting('EXPECTED_METHODS').split(','));
const users = new Set(setting('EXPECTED_USERS').split(','));

runRecipe(
  async ({ event }) => {
    if (event.phase !== 'post') return;
    if (methods.has(event.type) && users.has(event.userName)) return;
    await call(url, {
      title: `unexpected: ${event.type} by ${event.userName || 'nobody known'}`,
      call: event.callId,
      time: event.time,
    });
  },
  { format: 'xen-orchestra' },
);
