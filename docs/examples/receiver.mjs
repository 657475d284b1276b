// biome-ignore-all lint/suspicious/noConsole: an example, run by hand.
/**
 * A receiver on port 9000 that prints each webhook and verifies it in both ways.
 * Run it with: npx pnpm exec node docs/examples/receiver.mjs [secret]
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import { Webhook } from 'standardwebhooks';

const secret = process.argv[2] ?? 'your_webhook_secret';

/** A secret of your own is its UTF-8 bytes; a `whsec_…` one is base64 already. */
const standardWebhook = new Webhook(
  secret.startsWith('whsec_') ? secret : Buffer.from(secret).toString('base64'),
);

function verifyHex(body, signature, key) {
  const expected = Buffer.from(createHmac('sha256', key).update(body).digest('hex'));
  const given = Buffer.from(signature);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function verifyStandard(body, headers) {
  try {
    standardWebhook.verify(body, headers);
    return 'good';
  } catch (error) {
    return `bad (${error.message})`;
  }
}

const server = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  // What is signed are the bytes as they came: verify first, parse afterwards.
  const body = Buffer.concat(chunks).toString();
  const { headers } = request;

  console.log(`${request.method} ${request.url}`);
  for (const [name, value] of Object.entries(headers)) console.log(`${name}: ${value}`);
  console.log(`\n${body}\n`);

  const hex = headers['x-webhook-signature'];
  if (hex !== undefined) {
    console.log(`X-Webhook-Signature: ${verifyHex(body, hex, secret) ? 'good' : 'bad'}`);
  }
  console.log(`webhook-signature: ${verifyStandard(body, headers)}\n`);
  response.end();
});
server.listen(9000, '127.0.0.1', () => console.log('waiting on http://127.0.0.1:9000'));
