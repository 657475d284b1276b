// biome-ignore-all lint/suspicious/noConsole: recipes, run by hand.
/** What the recipes share: a receiver on PORT (9000), and ways to cause something that can be repeated. */
import { readFile, rename, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { answerWebhook, createReceiver, createSeenIds, readRawBody } from '@hookline/receiver';

/** Less than the 15 seconds after which Hookline gives an attempt up. */
const CALL_TIMEOUT_MS = 10_000;

/** Receives webhooks and hands each to `handle` once. What it throws is logged, and comes again. */
export function runRecipe(handle, { format = 'standard' } = {}) {
  const receiver = createReceiver({ secret: process.env.WEBHOOK_SECRET, format });
  const seenIds = createSeenIds();
  const server = createServer(async (request, response) => {
    const answer = await answerWebhook(
      readRawBody(request).then((body) => ({ headers: request.headers, body })),
      { receiver, seenIds, handle },
    );
    if (answer.error) console.error(answer.error.message);
    response.writeHead(answer.status).end(answer.message);
  });
  server.listen(process.env.PORT ?? 9000, '127.0.0.1', () => {
    console.log(`waiting on http://127.0.0.1:${server.address().port}/`);
  });
}

/** A setting that the recipe cannot do without. */
export function setting(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set; see the head of the recipe`);
  return value;
}

/** Sends JSON to another system; an answer other than 2xx is an error, so that the webhook comes again. */
export async function call(url, body, headers = {}) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
  });
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`${new URL(url).host} answered ${response.status}`);
}

let writing = Promise.resolve();

/**
 * Changes the lines of a file, one change after another: `change` gets those that are there and
 * answers those that shall be. Another program never sees it half written. Lines that begin with
 * the same key replace each other in the recipes, so that a repeat changes nothing.
 */
export function changeLines(file, change) {
  const changed = writing.then(async () => {
    const text = await readFile(file, 'utf8').catch((error) => {
      if (error.code === 'ENOENT') return '';
      throw error;
    });
    const lines = change(text.split('\n').filter(Boolean));
    await writeFile(`${file}.new`, lines.map((line) => `${line}\n`).join(''));
    await rename(`${file}.new`, file);
  });
  writing = changed.catch(() => undefined);
  return changed;
}

/** The text of a value that came from outside, when it is safe in a line of configuration; else undefined. */
export function word(value) {
  return /^[A-Za-z0-9_.:-]{1,253}$/.test(String(value ?? '')) ? String(value) : undefined;
}
