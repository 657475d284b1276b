/**
 * Pings a CI when a server was created: starts a pipeline for it, by GitLab's trigger API or alike.
 * Subscribe to: server.created. Settings: WEBHOOK_SECRET, CI_URL, CI_TOKEN.
 */
import { call, runRecipe, setting } from './harness.mjs';

const url = setting('CI_URL');
const token = setting('CI_TOKEN');

runRecipe(async ({ event }) => {
  if (event.type !== 'server.created') return;
  await call(url, {
    token,
    ref: 'main',
    variables: { SERVER_ID: event.subject, SERVER_NAME: event.data.name },
  });
});
