import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventTypes } from '@hookline/contracts';
import { checkDestination, checkOptions } from '../options.ts';
import { getFormat } from '../registry.ts';
import { sampleEvent, sampleEventBefore, sampleTarget } from '../sample-event.ts';
import { chatMessage, titleText } from './message.ts';
import { phraseOf } from './phrases.ts';

type Change = Parameters<typeof sampleEvent>[0];

const NAMES = ['slack', 'discord', 'google-chat', 'pushover', 'telegram'];
const OPTIONS: Readonly<Record<string, Record<string, string>>> = {
  pushover: { user: 'u'.repeat(30) },
  telegram: { chat_id: '-1001234567890' },
};

function format(name: string) {
  const found = getFormat(name);
  assert.ok(found);
  return found;
}

/** What a service is sent, as it parses it. */
function sent(name: string, event = sampleEvent(), target = {}) {
  const options = OPTIONS[name] ?? {};
  const rendered = format(name).render(event, sampleTarget({ options, ...target }));
  // biome-ignore lint/suspicious/noExplicitAny: each service has another shape, asserted on below
  return JSON.parse(rendered?.body ?? '') as any;
}

const EVIL =
  '<!channel> *x* _y_ ~z~ `c` @everyone <@U1> <users/all> [a](http://evil.test) <b>B</b>';
const evil = (change: Change = {}) =>
  sampleEvent({
    status: 'fail',
    subject: EVIL,
    data: JSON.stringify({ server_id: EVIL, name: EVIL, ip: EVIL, status: EVIL, error: EVIL }),
    extensions: { username: EVIL, reason: EVIL },
    source: `/hosts/${EVIL}`,
    ...change,
  });

/** Every text of a parsed JSON, with the keys that lead to it. */
function texts(value: unknown, path = ''): [string, string][] {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => texts(inner, `${path}.${key}`));
}

test('every canonical type has words of its own, which read as a sentence', () => {
  for (const { type } of eventTypes) {
    const phrase = phraseOf(type);
    assert.ok(phrase, type);
    const say = (event: ReturnType<typeof sampleEvent>) =>
      titleText(chatMessage(event, sampleTarget()));
    assert.match(say(sampleEvent({ type, data: '{"name":"x"}' })), /^\S.* \S/);
    assert.equal(say(sampleEvent({ type })).includes('undefined'), false);
  }
  assert.equal(phraseOf('constructor'), undefined);
});

test('a title says what happened to what, before, after and when it failed', () => {
  const title = (event: ReturnType<typeof sampleEvent>) =>
    titleText(chatMessage(event, sampleTarget()));
  assert.equal(title(sampleEvent()), 'production-web-01 was started');
  assert.equal(title(sampleEvent({ status: 'fail' })), 'production-web-01 could not be started');
  assert.equal(title(sampleEventBefore()), 'production-web-01 is about to be started');
  assert.equal(title(sampleEvent({ type: 'acme.special' })), 'production-web-01: acme.special');
  assert.equal(
    title(sampleEvent({ type: 'xo.vm.stats', status: 'fail', data: '{}' })),
    'srv_abc123: xo.vm.stats failed',
  );
  const { subject: _, ...nameless } = sampleEvent({ data: 'null' });
  assert.equal(title(nameless), 'A server was started');
  assert.equal(
    title(sampleEvent({ type: 'hypervisor.fenced', data: '{"hypervisor":{"name":"node-3"}}' })),
    'node-3 was cut off by its cluster',
  );
  assert.equal(title({ ...nameless, type: 'billing.payment.failed' }), 'A payment failed');
  assert.equal(
    title({ ...nameless, type: 'hookline.ping' }),
    'Hookline says hello: this is a test',
  );
});

test('a message says who, when, where and why, with links of the tenant', () => {
  const event = sampleEvent({
    status: 'fail',
    extensions: { username: 'ops@example.com', reason: 'no memory' },
  });
  const { fields, links, severity } = chatMessage(event, sampleTarget());
  assert.deepEqual(
    fields.map(({ label, value }) => `${label}: ${value}`),
    [
      'Id: srv_abc123',
      'State: running',
      'Address: 192.168.1.100',
      'Where: node-1',
      'Who: ops@example.com',
      'Why: no memory',
      'When: 15 January 2025, 10:30:00 UTC',
      'Event: server.started (evt_01jhm3k0gcf0fr2q3n3zt4c6x7)',
    ],
  );
  assert.deepEqual(links, [
    { label: 'Example Cloud', url: 'https://cp.example.com/' },
    { label: 'Support', url: 'https://example.com/support' },
  ]);
  assert.equal(severity, 'bad');
  const without = chatMessage(event, sampleTarget({ controlDomain: '', controlSupportLink: '' }));
  assert.deepEqual(without.links, []);
  const script = chatMessage(
    event,
    sampleTarget({ controlSupportLink: 'javascript://x/%0aalert(1)' }),
  );
  assert.equal(script.links.length, 1, 'a link is http or https');
});

test('severity is told by colour, mark or priority', () => {
  const crashed = sampleEvent({ type: 'server.crashed' });
  assert.equal(sent('slack').attachments[0].color, '#2eb67d');
  assert.equal(sent('slack', crashed).attachments[0].color, '#e01e5a');
  assert.equal(sent('discord', crashed).embeds[0].color, 0xe01e5a);
  assert.match(
    sent('google-chat', crashed).cardsV2[0].card.sections[0].widgets[0].textParagraph.text,
    /#d93025/,
  );
  assert.match(sent('telegram', crashed).text, /^🔴 /);
  assert.equal(sent('pushover').priority, 0);
  assert.equal(sent('pushover', crashed).priority, 1);
});

test('whatever a server is called, Slack formats nothing and calls nobody', () => {
  const body = sent('slack', evil());
  for (const [path, text] of texts(body)) {
    assert.doesNotMatch(text, /[<>]/, path);
  }
  assert.equal(body.mrkdwn, false);
  assert.equal(body.parse, 'none');
  assert.doesNotMatch(JSON.stringify(body), /"type":"mrkdwn"/);
  assert.match(body.blocks[0].text.text, /^&lt;!channel&gt; \*x\* _y_/);
});

test('whatever a server is called, Discord formats nothing and calls nobody', () => {
  const body = sent('discord', evil());
  assert.deepEqual(body.allowed_mentions, { parse: [] });
  assert.equal('content' in body, false);
  const [embed] = body.embeds;
  const foreign = [
    embed.title,
    ...embed.fields.map((field: { value: string }) => field.value),
  ].slice(0, -1);
  for (const text of foreign) {
    const unescaped = text.replaceAll(/\\[\\`*_~|<>[\]()#+\-@:!.&]/g, '');
    assert.doesNotMatch(unescaped, /[\\`*_~|<>[\]()#@]/, text);
  }
});

test('whatever a server is called, Google Chat formats nothing and calls nobody', () => {
  const body = sent('google-chat', evil());
  assert.equal('text' in body, false);
  assert.doesNotMatch(body.fallbackText, /[<>*_~`]/);
  const [{ card }] = body.cardsV2;
  assert.deepEqual(card.header, {
    title: 'A server could not be started',
    subtitle: 'server.started',
  });
  for (const widget of card.sections[0].widgets) {
    const text: string = widget.decoratedText?.text ?? '';
    assert.doesNotMatch(text, /[<>]/);
  }
  const [{ textParagraph }] = card.sections[0].widgets;
  assert.match(textParagraph.text, /^<b><font color="#[0-9a-f]{6}">[^<>]+<\/font><\/b>$/);
});

test('whatever a server is called, Telegram formats nothing and calls nobody', () => {
  const { text, parse_mode } = sent('telegram', evil());
  assert.equal(parse_mode, 'HTML');
  const own = text.replaceAll(/<code>[^<>]*<\/code>/g, '');
  assert.doesNotMatch(own, /channel|everyone|evil/, 'foreign text stands in code alone');
  const tags = new Set([...text.matchAll(/<\/?([a-z]+)/g)].map(([, tag]) => tag));
  assert.deepEqual([...tags].sort(), ['a', 'b', 'code']);
});

test('Pushover shows the text as it is', () => {
  const body = sent('pushover', evil());
  assert.equal('html' in body, false);
  assert.ok(body.title.startsWith(EVIL.slice(0, 40)));
});

test('every text is within the limits of its service, whatever its length and characters', () => {
  for (const unit of ['x', '<', '*', '&', '😀', '👩‍👩‍👧‍👦', 'ß', '@', '"']) {
    const long = unit.repeat(5000);
    const event = evil({
      subject: long,
      data: JSON.stringify({ server_id: long, name: long, ip: long, status: long, error: long }),
      extensions: { username: long, reason: long },
      source: `/hosts/${long}`,
      type: 't'.repeat(128),
    });
    const target = { controlName: long, controlSupportLink: `https://x.test/${'('.repeat(480)}` };
    const slack = sent('slack', event, target);
    assert.ok(slack.blocks[0].text.text.length <= 150);
    for (const field of slack.attachments[0].blocks[0].fields) assert.ok(field.text.length <= 2000);
    assert.ok(slack.attachments[0].blocks[0].fields.length <= 10);
    for (const button of slack.attachments[0].blocks[1].elements)
      assert.ok(button.text.text.length <= 75);
    const [embed] = sent('discord', event, target).embeds;
    assert.ok(embed.title.length <= 256);
    for (const field of embed.fields)
      assert.ok(field.value.length <= 1024 && field.value.length > 0);
    const all = [
      embed.title,
      ...embed.fields.flatMap((f: { name: string; value: string }) => [f.name, f.value]),
    ];
    assert.ok(all.join('').length <= 6000, `${unit}: ${all.join('').length}`);
    const google = JSON.stringify(sent('google-chat', event, target));
    assert.ok(Buffer.byteLength(google) <= 32_000, `${unit}: ${Buffer.byteLength(google)}`);
    const pushover = sent('pushover', event, target);
    assert.ok(pushover.message.length <= 1024 && pushover.title.length <= 250);
    assert.ok(pushover.url_title.length <= 100 && pushover.url.length <= 512);
    const { text } = sent('telegram', event, target);
    const parsed = text.replaceAll(/<[^>]+>/g, '').replaceAll(/&(amp|lt|gt|quot);/g, '.');
    assert.ok(parsed.length <= 4096, `${unit}: ${parsed.length}`);
  }
});

test('Pushover gets its token from the credential, and an emergency says how it is repeated', () => {
  const event = sampleEvent({ status: 'fail' });
  const options = { user: 'u'.repeat(30), failure_priority: '2', retry: '30', device: 'phone' };
  const body = sent('pushover', event, { options, credential: 'app-token' });
  assert.deepEqual(
    [body.token, body.user, body.device, body.priority, body.retry, body.expire],
    ['app-token', 'u'.repeat(30), 'phone', 2, 30, 3600],
  );
  const calm = sent('pushover', sampleEvent(), { options, credential: 'app-token' });
  assert.equal('retry' in calm || 'expire' in calm, false);
  assert.equal(calm.timestamp, 1_736_937_000);
  assert.equal(calm.url, 'https://cp.example.com/');
});

test('options are checked with faults that say what would be right', () => {
  const faults = (name: string, options: Record<string, string>) =>
    checkOptions(format(name), options).map(({ field }) => field);
  assert.deepEqual(faults('telegram', {}), ['options.chat_id']);
  assert.deepEqual(faults('telegram', { chat_id: '@my_channel', message_thread_id: '7' }), []);
  for (const chat_id of ['', 'my channel', '@x', '12.5', '-']) {
    assert.deepEqual(faults('telegram', { chat_id }), ['options.chat_id'], chat_id);
  }
  assert.deepEqual(faults('pushover', { user: 'u'.repeat(30), retry: '60', expire: '10800' }), []);
  assert.deepEqual(
    faults('pushover', { user: 'x', retry: '29', expire: '10801', priority: '3', token: 'x' }),
    ['options.user', 'options.retry', 'options.expire', 'options.priority', 'options.token'],
  );
  assert.deepEqual(faults('slack', { channel: 'x' }), ['options.channel']);
});

test('a URL of the service itself must be one that takes messages; another host is a relay', () => {
  const fault = (name: string, url: string) =>
    checkDestination(format(name), { url, auth: 'bearer' })[0]?.field;
  const right: [string, string][] = [
    ['slack', 'https://hooks.slack.com/services/T0/B0/abc'],
    ['discord', 'https://discord.com/api/webhooks/123/abc-D_e?wait=true&thread_id=5'],
    ['google-chat', 'https://chat.googleapis.com/v1/spaces/AAA/messages?key=k&token=t'],
    ['pushover', 'https://api.pushover.net/1/messages.json'],
    ['telegram', 'https://api.telegram.org/bot123:AAE-x_y/sendMessage'],
    ['telegram', 'http://127.0.0.1:8081/anything'],
    ['slack', 'https://mattermost.example.com/hooks/abc'],
  ];
  for (const [name, url] of right) assert.equal(fault(name, url), undefined, url);
  const wrong: [string, string][] = [
    ['slack', 'https://hooks.slack.com/'],
    ['discord', 'https://discord.com/api/webhooks/123/abc/slack'],
    ['discord', 'https://discord.com/channels/1/2'],
    ['google-chat', 'https://chat.googleapis.com/v1/spaces/AAA'],
    ['pushover', 'https://api.pushover.net/1/users/validate.json'],
    ['telegram', 'https://api.telegram.org/bot123:AAE/getUpdates'],
    ['telegram', 'https://api.telegram.org/sendMessage'],
  ];
  for (const [name, url] of wrong) assert.equal(fault(name, url), 'url', url);
  assert.deepEqual(checkDestination(format('slack'), { url: 'nonsense', auth: undefined }), []);
});

test('a service that wants its token in the body needs it as a bearer token', () => {
  const url = 'https://api.pushover.net/1/messages.json';
  const faults = (auth: 'bearer' | 'basic' | undefined) =>
    checkDestination(format('pushover'), { url, auth }).map(({ field }) => field);
  assert.deepEqual(faults('bearer'), []);
  assert.deepEqual(faults('basic'), ['auth']);
  assert.deepEqual(faults(undefined), ['auth']);
});

test('chat services are for people, and get no headers of their own', () => {
  for (const name of NAMES) {
    assert.equal(format(name).audience, 'people');
    assert.deepEqual(format(name).render(sampleEvent(), sampleTarget())?.headers, {});
  }
  for (const name of [
    'standard',
    'cdhosting',
    'virtfusion',
    'xen-orchestra',
    'office365',
    'cloudevents',
    'cloudevents-binary',
  ]) {
    assert.equal(format(name).audience, 'program');
  }
});
