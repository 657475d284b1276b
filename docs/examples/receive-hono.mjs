// biome-ignore-all lint/suspicious/noConsole: an example, run by hand.
/**
 * Receives webhooks with Hono, on Node.
 * Run it with: WEBHOOK_SECRET=your_webhook_secret npx pnpm exec node docs/examples/receive-hono.mjs
 */
import { serve } from '@hono/node-server';
import { answerWebhook, BODY_BYTES_MAX, createReceiver, createSeenIds } from '@hookline/receiver';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';

const receiver = createReceiver({ secret: process.env.WEBHOOK_SECRET });
const seenIds = createSeenIds();

const app = new Hono();
const rawBody = bodyLimit({
  maxSize: BODY_BYTES_MAX,
  // The adapter for Node closes the connection after this answer: let the sender know.
  onError: (context) => context.text('body_too_large', 413, { connection: 'close' }),
});
app.post('/webhooks', rawBody, async (context) => {
  const { headers } = context.req.raw;
  const answer = await answerWebhook(
    context.req.arrayBuffer().then((body) => ({ headers, body })),
    { receiver, seenIds, handle: ({ event }) => console.log(`${event.type} ${event.subject}`) },
  );
  if (answer.error) console.error(answer.error.message);
  return context.text(answer.message, answer.status);
});

const options = { fetch: app.fetch, port: Number(process.env.PORT ?? 9000), hostname: '127.0.0.1' };
serve(options, ({ port }) => console.log(`waiting on http://127.0.0.1:${port}/webhooks`));
