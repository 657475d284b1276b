/**
 * Keeps the servers that run in a list for a load balancer: lines of HAProxy's configuration, to be
 * included and reloaded. Subscribe to: server.started, server.stopped, server.powered_off, server.deleted.
 * Settings: WEBHOOK_SECRET, BACKENDS_FILE.
 */
import { changeLines, runRecipe, setting, word } from './harness.mjs';

const file = setting('BACKENDS_FILE');
const GONE = ['server.stopped', 'server.powered_off', 'server.deleted'];

runRecipe(async ({ event }) => {
  const id = word(event.subject);
  const ip = word(event.data.ip);
  if (id === undefined) return;
  const start = `server ${id} `;
  const isUp = event.type === 'server.started' && ip !== undefined;
  if (!isUp && !GONE.includes(event.type)) return;
  await changeLines(file, (lines) => {
    const others = lines.filter((line) => !line.startsWith(start));
    return isUp ? [...others, `${start}${ip}:80 check`] : others;
  });
});
