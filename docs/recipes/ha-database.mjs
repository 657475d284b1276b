/**
 * Moves the leader of a database cluster away before its server is migrated, by Patroni's REST API.
 * Subscribe with format xen-orchestra to: vm.migrate, phase pre. Hookline tells the migration's
 * beginning, it does not hold it back: a switchover takes seconds, a live migration rarely less.
 * Settings: WEBHOOK_SECRET, PATRONI_URL, DATABASE_SERVERS (server id=member name, comma-separated).
 */
import { call, runRecipe, setting } from './harness.mjs';

const url = setting('PATRONI_URL');
const members = new Map(
  setting('DATABASE_SERVERS')
    .split(',')
    .map((pair) => pair.split('=')),
);

runRecipe(
  async ({ event }) => {
    const leader = members.get(String(event.params.vm ?? event.params.id));
    if (event.type !== 'vm.migrate' || event.phase !== 'pre' || leader === undefined) return;
    // Patroni answers 412 where this member does not lead; then there is nothing to do.
    await call(`${url}/switchover`, { leader }).catch((error) => {
      if (!/answered 412$/.test(error.message)) throw error;
    });
  },
  { format: 'xen-orchestra' },
);
