import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import {
  CreateSubscriptionRequest,
  Ordering,
  RetryPreset,
  SubscriptionServiceService,
} from '@hookline/contracts';
import { createGrpcClient } from '@hookline/service-runtime';
import { eventually, type Receiver, startReceiver } from '@hookline/testing';
import { startTestStack, type TestStack } from '../support/stack.ts';
import {
  openBrowser,
  type Scheme,
  screenshot,
  seriousFaults,
  showAs,
  type TestBrowser,
} from './browser.ts';

/** Whatever a publisher calls its server, it is text on the page and nothing else. */
const HOSTILE = '<img src=x onerror=alert(1)>';

/** What takes a moment here takes five times as long on a slow machine. */
const PATIENCE = { timeoutMs: 30_000, intervalMs: 250 };

let stack: TestStack;
let receiver: Receiver;
let browser: TestBrowser;
let isBroken = false;

before(async () => {
  stack = await startTestStack();
  receiver = await startReceiver({
    respond: () => ({ kind: 'respond', status: isBroken ? 500 : 200, body: '{"seen":true}' }),
  });
  browser = await openBrowser(stack.endpoints.http);
});
after(async () => {
  await browser?.[Symbol.asyncDispose]();
  await receiver?.stop();
  await stack?.[Symbol.asyncDispose]();
});

async function publish(subject: string, type = 'server.started'): Promise<string> {
  const response = await fetch(`${stack.endpoints.ingest}/ingest/events`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${stack.endpoints.publisherKey}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ type, subject, data: { name: HOSTILE } }),
  });
  assert.equal(response.status, 202);
  const { ids } = (await response.json()) as { ids: [string] };
  return ids[0];
}

const menu = (name: string) =>
  browser.page.getByRole('navigation').getByRole('link', { name, exact: true });
const field = (name: string) =>
  browser.page
    .getByRole('textbox', { name })
    .or(browser.page.getByRole('combobox', { name }))
    .first();
const button = (name: string) => browser.page.getByRole('button', { name, exact: true });

test('a wrong key is refused with its reason, a good one signs in', async () => {
  const { page } = browser;
  await page.goto('/');
  assert.deepEqual(await seriousFaults(page), []);
  await page.getByLabel('API key').fill('hk_wrong');
  await button('Sign in').click();
  await page.getByText('this is not an API key').waitFor();
  // The refusal itself is written into a browser's console.
  browser.complaints.all.length = 0;
  await page.getByLabel('API key').fill(stack.endpoints.apiKey);
  await button('Sign in').click();
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
});

test('a webhook is set up by the form, and a ping shows what its endpoint answers', async () => {
  const { page } = browser;
  await menu('Webhooks').click();
  await page.getByRole('link', { name: 'New webhook' }).click();
  await field('URL').fill(receiver.url);
  const events = field('Events');
  await events.fill('server.*');
  await events.press('Enter');
  await field('Description').fill('Production');
  await button('Retries and alerts').click();
  await field('Retries').click();
  await page.getByRole('option', { name: 'Waits of my own' }).click();
  await field('Waits').fill('0.2');
  await field('May failures').click();
  await page.getByRole('option', { name: 'Yes' }).click();
  await field('E-mail addresses').fill('ops@example.com');
  await screenshot(page, 'new-webhook-1440-light');
  await button('Create webhook').click();
  await page.getByText('whsec_').waitFor();
  await page.getByRole('link', { name: 'Go to the webhook' }).click();
  await button('Ping').click();
  await page.getByRole('dialog').getByText('"seen": true').waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
  assert.equal(receiver.requests.length, 1);
});

test('an event is seen as it comes, and followed to its delivery', async () => {
  const { page } = browser;
  await menu('Events').click();
  await page.getByRole('status').getByText('live').waitFor();
  await publish(HOSTILE);
  await page.getByRole('cell', { name: HOSTILE }).waitFor();
  await page.getByRole('link', { name: 'server.started' }).click();
  await page.getByRole('heading', { name: 'Envelope' }).waitFor();
  await page
    .getByRole('region', { name: 'Deliveries' })
    .getByRole('link', { name: 'server.started' })
    .click();
  await page.getByRole('heading', { name: 'Delivery of server.started' }).waitFor();
  await page.getByRole('region', { name: 'Attempt 1' }).getByText('succeeded').waitFor();
  await page.getByRole('region', { name: 'Request' }).getByText('webhook-signature').waitFor();
  await screenshot(page, 'delivery-1440-light');
});

test('a broken receiver is seen disabled, its mail is written, and its dead letter found', async () => {
  const { page } = browser;
  isBroken = true;
  await publish('srv_broken');
  await menu('Webhooks').click();
  await page.getByRole('link', { name: /Production/ }).click();
  await page.getByText('This webhook is disabled').waitFor();
  const mail = await eventually(async () => {
    const folder = join(stack.dataDir, 'mail');
    const [name] = (await readdir(folder)).filter((each) => each.endsWith('.eml'));
    assert.ok(name !== undefined, 'no mail yet');
    return await readFile(join(folder, name), 'utf8');
  }, PATIENCE);
  assert.match(mail, /ops@example\.com/);
  await menu('Dead letters').click();
  await page.getByRole('cell', { name: 'srv_broken' }).waitFor();
});

test('a mended webhook is enabled again', async () => {
  const { page } = browser;
  isBroken = false;
  await menu('Webhooks').click();
  await page.getByRole('link', { name: /Production/ }).click();
  await button('Enable again').click();
  await page.getByText('It missed events while it was disabled').waitFor();
  await button('Pause').waitFor();
});

test('a dead letter is redriven and seen delivered', async () => {
  const { page } = browser;
  await menu('Dead letters').click();
  await page.getByRole('link', { name: 'server.started' }).click();
  await button('Redrive').click();
  await page.getByRole('heading', { name: 'Redrive' }).waitFor();
  await page.getByText('1 delivered').waitFor();
});

/** An ordered webhook that lets nothing overtake what failed; REST has no ordering, so over gRPC. */
async function createOrdered(url: string): Promise<string> {
  const client = createGrpcClient(SubscriptionServiceService, {
    address: stack.endpoints.grpc.subscriptions,
  });
  try {
    const { subscription } = await client.createSubscription(
      CreateSubscriptionRequest.fromPartial({
        subscription: {
          url,
          filter: { types: ['vm.ordered'] },
          retryPolicy: { preset: RetryPreset.RETRY_PRESET_NONE, disable: false },
          rateLimit: { requestsPerSecond: 40 },
          ordering: Ordering.ORDERING_PER_SERVER,
          options: { on_exhausted: 'block' },
        },
      }),
      { apiKey: stack.endpoints.apiKey },
    );
    assert.ok(subscription !== undefined);
    return subscription.id;
  } finally {
    client.close();
  }
}

test('a stuck head of an ordered webhook is seen with what waits behind it, and tried again', async () => {
  const { page } = browser;
  let isAway = true;
  const endpoint = await startReceiver({ respond: () => (isAway ? 500 : 200) });
  try {
    const id = await createOrdered(endpoint.url);
    for (const _ of [1, 2]) await publish('srv_stuck', 'vm.ordered');
    await page.goto(`/webhooks/${id}`);
    const heldUp = page.getByRole('region', { name: 'Held up' });
    const row = heldUp.getByRole('row', { name: /srv_stuck .* 1 1 .* none: it is stuck/ });
    await row.waitFor();
    await page.getByText('40 a second').waitFor();
    const faults: string[] = [];
    for (const [width, scheme] of EVERY_LOOK.slice(0, 2)) {
      await showAs(page, width, scheme);
      faults.push(...(await lookFaults(page)).map((fault) => `${width} ${scheme}: ${fault}`));
    }
    await showAs(page, 1440, 'light');
    assert.deepEqual(faults, []);
    isAway = false;
    await row.getByRole('link').focus();
    await page.keyboard.press('Enter');
    await button('Try again').click();
    await page.getByRole('region', { name: 'Attempt 2' }).getByText('succeeded').waitFor();
    await endpoint.waitFor(3, PATIENCE.timeoutMs);
    await page.goto(`/webhooks/${id}`);
    await page.getByText('40 a second').waitFor();
    await heldUp.waitFor({ state: 'detached' });
  } finally {
    await endpoint.stop();
  }
});

test('the playground shows the very request, and the code that verifies it', async () => {
  const { page } = browser;
  await menu('Playground').click();
  await button('Show the request').click();
  await page.getByRole('region', { name: 'Request' }).getByText('webhook-signature: v1,').waitFor();
  for (const language of ['Python', 'Go', 'PHP', 'Java', 'Node']) {
    await page.getByRole('tab', { name: language }).click();
    await page.getByRole('region', { name: `Command, ${language}` }).waitFor();
  }
  await field('URL').fill(receiver.url);
  const before = receiver.requests.length;
  await button('Send it').click();
  await page.getByRole('region', { name: 'Response of attempt 1' }).waitFor();
  assert.equal(receiver.requests.length, before + 1);
  await screenshot(page, 'playground-1440-light');
});

const PLACES = [
  '/',
  '/webhooks',
  '/webhooks/new',
  '/events',
  '/deliveries',
  '/dead-letters',
  '/replays',
  '/playground',
  '/agents',
  '/keys',
  '/audit',
];

/** Those whose pictures the documentation has are looked at in every way, the others in two. */
const PICTURED = ['/', '/webhooks/new'];
const EVERY_LOOK: readonly (readonly [1440 | 390, Scheme])[] = [
  [1440, 'light'],
  [390, 'dark'],
  [390, 'light'],
  [1440, 'dark'],
];

/** What is wrong with the page as it is shown now: for axe, or in its width. */
async function lookFaults(page: TestBrowser['page']): Promise<string[]> {
  const overflow = await page.evaluate<number>(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  );
  return [
    ...(await seriousFaults(page)),
    ...(overflow > 0 ? [`it is ${overflow} px too wide`] : []),
  ];
}

/** The overview with something on it. */
async function bringToLife(): Promise<void> {
  await eventually(async () => {
    await publish(`srv_${String(receiver.received()).padStart(3, '0')}`);
    assert.ok((await browser.page.getByRole('row').count()) > 8, 'attempts are not shown yet');
  }, PATIENCE);
}

test('every page is free of serious faults for axe, wide and narrow, light and dark', async () => {
  const { page } = browser;
  const faults: string[] = [];
  for (const place of PLACES) {
    await page.goto(place);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.getByRole('status', { name: 'Loading' }).waitFor({ state: 'detached' });
    if (place === '/') await bringToLife();
    for (const [width, scheme] of PICTURED.includes(place) ? EVERY_LOOK : EVERY_LOOK.slice(0, 2)) {
      await showAs(page, width, scheme);
      const name = `${place} ${width} ${scheme}`;
      faults.push(...(await lookFaults(page)).map((fault) => `${name}: ${fault}`));
      if (place === '/') await screenshot(page, `overview-${width}-${scheme}`);
      if (place === '/webhooks/new') await screenshot(page, `new-webhook-${width}-${scheme}`);
    }
  }
  assert.deepEqual(faults, []);
});

test('everything can be reached by keys', async () => {
  const { page } = browser;
  await page.goto('/webhooks');
  await page.getByRole('heading', { name: 'Webhooks' }).waitFor();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate('document.activeElement.id'), 'main');
});

test('P5 another tenant’s browser reaches nothing by address, and hears nothing', async () => {
  const tenant = await stack.rest('/v1/tenants', {
    method: 'POST',
    body: JSON.stringify({ name: 'acme' }),
  });
  const { admin_key } = (await tenant.json()) as { admin_key: { key: string } };
  const { page } = await browser.other();
  await page.goto('/');
  await page.getByLabel('API key').fill(admin_key.key);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('navigation').getByRole('link', { name: 'Events' }).click();
  await page.getByRole('status').getByText('live').waitFor();
  const id = await publish('srv_foreign');
  await browser.page.goto(`/events/${id}`);
  await browser.page.getByRole('heading', { name: 'Envelope' }).waitFor();
  assert.equal(await page.getByText('srv_foreign').count(), 0);
  await page.goto(`/events/${id}`);
  await page.getByRole('alert').getByText('there is no event').waitFor();
});

test('nothing complained: no error, no breach of the security policy, no dialogue', () => {
  assert.deepEqual(browser.complaints.all, []);
});
