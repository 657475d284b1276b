/**
 * Gives a new server its address by its MAC address: a host file of dnsmasq (`dhcp-hostsfile`).
 * Subscribe to: server.created, server.deleted, from agents that publish `mac` in the data.
 * Settings: WEBHOOK_SECRET, DHCP_FILE.
 */
import { isIP } from 'node:net';
import { changeLines, runRecipe, setting, word } from './harness.mjs';

const file = setting('DHCP_FILE');

runRecipe(async ({ event }) => {
  const id = word(event.subject);
  if (id === undefined) return;
  const { mac, ip } = event.data;
  const isKnown = /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(mac ?? '') && isIP(ip ?? '') === 4;
  const isNew = event.type === 'server.created' && isKnown;
  if (!isNew && event.type !== 'server.deleted') return;
  await changeLines(file, (lines) => {
    const others = lines.filter((line) => !line.endsWith(`,set:${id}`));
    return isNew ? [...others, `${mac.toLowerCase()},${ip},set:${id}`] : others;
  });
});
