// biome-ignore-all lint/suspicious/noConsole: an example, run by hand.
/**
 * Receives webhooks with Express.
 * Run it with: WEBHOOK_SECRET=your_webhook_secret npx pnpm exec node docs/examples/receive-express.mjs
 */
import { answerWebhook, BODY_BYTES_MAX, createReceiver, createSeenIds } from '@hookline/receiver';
import express from 'express';

const receiver = createReceiver({ secret: process.env.WEBHOOK_SECRET });
const seenIds = createSeenIds();

const app = express();
// The bytes as they came, on this route only. An express.json() for the whole app goes after it.
const rawBody = express.raw({ type: () => true, limit: BODY_BYTES_MAX });
app.post('/webhooks', rawBody, async (request, response) => {
  const { headers, body } = request;
  const answer = await answerWebhook(
    { headers, body: body ?? '' },
    { receiver, seenIds, handle: ({ event }) => console.log(`${event.type} ${event.subject}`) },
  );
  if (answer.error) console.error(answer.error.message);
  response.status(answer.status).send(answer.message);
});

const server = app.listen(process.env.PORT ?? 9000, '127.0.0.1', () => {
  console.log(`waiting on http://127.0.0.1:${server.address().port}/webhooks`);
});
