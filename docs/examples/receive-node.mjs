// biome-ignore-all lint/suspicious/noConsole: an example, run by hand.
/**
 * Receives webhooks with node:http alone.
 * Run it with: WEBHOOK_SECRET=your_webhook_secret npx pnpm exec node docs/examples/receive-node.mjs
 */
import { createServer } from 'node:http';
import { answerWebhook, createReceiver, createSeenIds, readRawBody } from '@hookline/receiver';

const receiver = createReceiver({ secret: process.env.WEBHOOK_SECRET });
const seenIds = createSeenIds();

const server = createServer(async (request, response) => {
  if (request.method !== 'POST' || request.url !== '/webhooks') {
    response.writeHead(404).end();
    return;
  }
  const answer = await answerWebhook(
    readRawBody(request).then((body) => ({ headers: request.headers, body })),
    { receiver, seenIds, handle: ({ event }) => console.log(`${event.type} ${event.subject}`) },
  );
  if (answer.error) console.error(answer.error.message);
  response.writeHead(answer.status).end(answer.message);
});
server.listen(process.env.PORT ?? 9000, '127.0.0.1', () => {
  console.log(`waiting on http://127.0.0.1:${server.address().port}/webhooks`);
});
