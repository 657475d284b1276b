/**
 * Tells security when a user is created, as a line of JSON that a SIEM picks up.
 * Subscribe to: user.created. Settings: WEBHOOK_SECRET, SECURITY_FILE.
 */
import { changeLines, runRecipe, setting } from './harness.mjs';

const file = setting('SECURITY_FILE');

runRecipe(async ({ event }) => {
  if (event.type !== 'user.created') return;
  // Only who and when: what else an event says about a user stays out of logs.
  const line = JSON.stringify({
    alert: event.type,
    event: event.id,
    time: event.time,
    user: event.subject,
  });
  await changeLines(file, (lines) => [...new Set([...lines, line])]);
});
