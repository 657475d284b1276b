/**
 * Tells the UPS to cut the power of a hypervisor that went through its emergency shutdown.
 * Subscribe to: hypervisor.emergency_shutdown. Settings: WEBHOOK_SECRET, UPS_URL, UPS_DELAY_S (120).
 */
import { call, runRecipe, setting } from './harness.mjs';

const url = setting('UPS_URL');
const delaySeconds = Number(process.env.UPS_DELAY_S ?? 120);

runRecipe(async ({ event }) => {
  // A shutdown that failed leaves servers running: their power stays on.
  if (event.type !== 'hypervisor.emergency_shutdown' || event.status !== 'success') return;
  await call(url, {
    command: 'shutdown.return',
    outlet: event.subject,
    delay_seconds: delaySeconds,
  });
});
