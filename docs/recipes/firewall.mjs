/**
 * Lets the addresses of servers through: elements of a set of nftables, to be loaded with `nft -f`.
 * Subscribe to: server.created, server.migration.completed, server.migrated_live, server.deleted.
 * Settings: WEBHOOK_SECRET, FIREWALL_FILE.
 */
import { isIP } from 'node:net';
import { changeLines, runRecipe, setting, word } from './harness.mjs';

const file = setting('FIREWALL_FILE');
const PRESENT = ['server.created', 'server.migration.completed', 'server.migrated_live'];

runRecipe(async ({ event }) => {
  const id = word(event.subject);
  if (id === undefined) return;
  const isPresent = PRESENT.includes(event.type) && isIP(event.data.ip ?? '') !== 0;
  if (!isPresent && event.type !== 'server.deleted') return;
  const family = isIP(event.data.ip ?? '') === 6 ? 'servers6' : 'servers4';
  const mark = `# ${id}`;
  await changeLines(file, (lines) => {
    const others = lines.filter((line) => !line.endsWith(mark));
    if (!isPresent) return others;
    return [...others, `add element inet filter ${family} { ${event.data.ip} } ${mark}`];
  });
});
