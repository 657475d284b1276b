/**
 * Writes down who created which server, for an invoice: a line of CSV for each call.
 * Subscribe with format xen-orchestra to: vm.create, vm.clone, vm.copy. Settings: WEBHOOK_SECRET,
 * BILLING_FILE.
 */
import { changeLines, runRecipe, setting, word } from './harness.mjs';

const file = setting('BILLING_FILE');
const CREATING = ['vm.create', 'vm.clone', 'vm.copy'];

runRecipe(
  async ({ event }) => {
    const made = event.phase === 'post' && event.status === 'success';
    if (!made || !CREATING.includes(event.type)) return;
    const user = word(event.userName) ?? word(event.userId) ?? 'unknown';
    const line = [event.callId, event.time, user, event.type].map((cell) => word(cell)).join(',');
    // One line for each call, whatever was forgotten since: repeats after a restart add none.
    await changeLines(file, (lines) => [...new Set([...lines, line])]);
  },
  { format: 'xen-orchestra' },
);
