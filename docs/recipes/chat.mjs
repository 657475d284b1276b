/**
 * Says in a chat when a server was created or shut down, by an incoming webhook of Slack or
 * Mattermost. Subscribe to: server.created, server.stopped. Settings: WEBHOOK_SECRET, CHAT_URL.
 */
import { call, runRecipe, setting } from './harness.mjs';

const url = setting('CHAT_URL');
const WORDS = { 'server.created': 'was created', 'server.stopped': 'was shut down' };

runRecipe(async ({ event }) => {
  const happened = WORDS[event.type];
  if (happened === undefined) return;
  // A name is anybody's text: what a chat would take for a mention or a link is taken out.
  const name = String(event.data.name ?? event.subject).replace(/[<>&@*_`\n]/g, ' ');
  await call(url, { text: `Server ${name} ${happened}.` });
});
