/** A stand-in that takes everything proves nothing: what each refuses, and whom it would call. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  type ChatRequest,
  type ChatServiceName,
  type ChatVerdict,
  chatStandIns,
  judgeChatRequest,
} from './chat-service.ts';

function judge(
  name: ChatServiceName,
  message: unknown,
  change: Partial<ChatRequest> = {},
): ChatVerdict {
  return judgeChatRequest(name, {
    method: 'POST',
    path: chatStandIns[name].path,
    contentType: 'application/json',
    body: JSON.stringify(message),
    ...change,
  });
}

/** Every message must be refused for a reason that the pattern describes. */
function refuses(name: ChatServiceName, messages: readonly [unknown, RegExp][]): void {
  for (const [message, reason] of messages) {
    const { refusal, answer, shown } = judge(name, message);
    assert.match(refusal ?? 'taken', reason, JSON.stringify(message).slice(0, 200));
    assert.ok(answer.status >= 400 && shown.length === 0);
  }
}

const GOOD = {
  slack: { text: 'hello' },
  discord: { content: 'hello' },
  'google-chat': { text: 'hello' },
  pushover: { token: 't'.repeat(30), user: 'u'.repeat(30), message: 'hello' },
  telegram: { chat_id: -100, text: 'hello' },
} satisfies Record<ChatServiceName, object>;
const NAMES = Object.keys(GOOD) as ChatServiceName[];

for (const name of NAMES) {
  test(`${name}: a good message is taken and shown; another address, method, type or body is not`, () => {
    const good = judge(name, GOOD[name]);
    assert.deepEqual([good.refusal, good.shown, good.pings], [undefined, ['hello'], []]);
    const status = (change: Partial<ChatRequest>) => judge(name, GOOD[name], change).answer.status;
    assert.equal(status({ path: '/elsewhere' }), 404);
    assert.equal(status({ method: 'GET' }), 405);
    assert.equal(status({ contentType: 'text/plain' }), 400);
    assert.equal(status({ body: '{"text":' }), 400);
    refuses(name, [
      [[], /object/],
      [{ ...GOOD[name], mesage: 'x' }, /mesage: is not a known member/],
    ]);
  });
}

test('each answers as its service does', () => {
  const answers = NAMES.map((name) => {
    const { status, body } = judge(name, GOOD[name]).answer;
    return `${name} ${status} ${body.slice(0, 24)}`;
  });
  assert.deepEqual(answers, [
    'slack 200 ok',
    'discord 204 ',
    'google-chat 200 {"name":"spaces/AAAAspac',
    'pushover 200 {"status":1,"request":"6',
    'telegram 200 {"ok":true,"result":{"me',
  ]);
  const body = (name: ChatServiceName, message: unknown) => judge(name, message).answer.body;
  assert.equal(body('slack', {}), 'no_text');
  assert.deepEqual(JSON.parse(body('telegram', { chat_id: 1, parse_mode: 'HTML', text: '<b>' })), {
    ok: false,
    error_code: 400,
    description:
      'Bad Request: can\'t parse entities: can\'t find end tag corresponding to start tag "b"',
  });
  assert.match(body('pushover', {}), /"errors":\["application token is invalid"\],"status":0/);
  assert.match(body('google-chat', {}), /"code":400.*"status":"INVALID_ARGUMENT"/);
  assert.equal(JSON.parse(body('discord', {})).code, 50_006);
});

describe('Slack', () => {
  const header = (text: unknown) => ({ blocks: [{ type: 'header', text }] });
  const section = (fields: unknown[]) => ({ blocks: [{ type: 'section', fields }] });
  const plain = (text: string) => ({ type: 'plain_text', text });
  const mrkdwn = (text: string, change = {}) => ({ type: 'mrkdwn', text, ...change });

  test('blocks have the limits of Block Kit', () => {
    const button = { type: 'button', text: plain('x'), url: 'javascript:x' };
    refuses('slack', [
      [header(plain('x'.repeat(151))), /151 characters/],
      [header(mrkdwn('x')), /plain_text/],
      [header(plain('')), /must be a text/],
      [section([]), /must be a list/],
      [section(Array(11).fill(plain('x'))), /more than 10/],
      [section([plain('x'.repeat(2001))]), /2001 characters/],
      [{ blocks: [{ type: 'section' }] }, /text: or fields/],
      [{ blocks: Array(51).fill({ type: 'divider' }) }, /more than 50/],
      [{ blocks: [{ type: 'actions', elements: [button] }] }, /http or https/],
      [{ attachments: [{ color: 'pink', blocks: [{ type: 'divider' }] }] }, /no colour/],
    ]);
  });

  test('brackets call wherever they stand, bare names where they are looked for', () => {
    const pings = (message: unknown) => judge('slack', message).pings;
    assert.deepEqual(pings({ text: '<!channel> <@U1> <!subteam^S1|x> &lt;!here&gt;' }), [
      '<!channel>',
      '<@U1>',
      '<!subteam^S1|x>',
    ]);
    assert.deepEqual(pings(header(plain('<!here>'))), ['<!here>']);
    assert.deepEqual(pings({ text: '@channel' }), []);
    assert.deepEqual(pings({ text: '@channel', link_names: true }), ['@channel']);
    assert.deepEqual(pings(section([mrkdwn('@here')])), ['@here']);
    assert.deepEqual(pings(section([mrkdwn('@here', { verbatim: true })])), []);
  });

  test('mrkdwn loses its marks, plain text only its entities', () => {
    const { shown } = judge(
      'slack',
      section([mrkdwn('*x* `c`'), plain('*x* &lt;b&gt; &amp;amp;')]),
    );
    assert.deepEqual(shown, ['x c', '*x* <b> &amp;']);
  });
});

describe('Discord', () => {
  const embed = (change: object) => ({ embeds: [{ title: 'x', ...change }] });
  const field = (value: string) => ({ name: 'x', value });

  test('embeds have the limits that are documented, all together as well', () => {
    refuses('discord', [
      [{ content: 'x'.repeat(2001) }, /2001 characters/],
      [embed({ title: 'x'.repeat(257) }), /257 characters/],
      [embed({ fields: Array(26).fill(field('x')) }), /more than 25/],
      [embed({ fields: [field('x'.repeat(1025))] }), /1025 characters/],
      [embed({ fields: [field(' ')] }), /must be a text/],
      [embed({ fields: Array(6).fill(field('x'.repeat(1000))) }), /6007 characters in all/],
      [embed({ color: 0x1000000 }), /color/],
      [embed({ timestamp: 'soon' }), /ISO 8601/],
      [embed({ url: 'mailto:a@b' }), /http or https/],
      [{ embeds: Array(11).fill({ title: 'x' }) }, /more than 10/],
      [{ content: 'x', allowed_mentions: { parse: ['channels'] } }, /is none of/],
      [{ content: 'x', allowed_mentions: { parse: ['users'], users: ['1'] } }, /in parse as well/],
    ]);
  });

  test('content calls whom it mentions, unless mentions are not allowed; embeds call nobody', () => {
    const content = '@everyone @here <@1> <@&2>';
    const pings = (message: unknown) => judge('discord', message).pings;
    assert.deepEqual(pings({ content }), ['@everyone', '@here', '<@1>', '<@&2>']);
    assert.deepEqual(pings({ content, allowed_mentions: { parse: ['users'] } }), ['<@1>']);
    assert.deepEqual(pings({ content, allowed_mentions: { parse: [] } }), []);
    assert.deepEqual(pings(embed({ description: content })), []);
  });

  test('Markdown is applied unless it is escaped', () => {
    const shown = (text: string) => judge('discord', embed({ title: text })).shown[0];
    assert.equal(shown('**x** _y_ `z` [a](http://b.test) <@1>'), 'x y z a ');
    assert.equal(shown('\\*x\\* \\_y\\_ \\[a\\]\\(b\\) \\<\\@1\\>'), '*x* _y_ [a](b) <@1>');
  });
});

describe('Google Chat', () => {
  const card = (...widgets: unknown[]) => ({
    cardsV2: [{ cardId: '1', card: { header: { title: 'x' }, sections: [{ widgets }] } }],
  });
  const paragraph = (text: string) => ({ textParagraph: { text } });

  test('a message has 32,000 bytes, a card 100 widgets, each of one kind', () => {
    const button = { text: 'x', onClick: { openLink: { url: 'x' } } };
    refuses('google-chat', [
      [{ text: '€'.repeat(11_000) }, /more than 32000 bytes/],
      [card(...Array(101).fill(paragraph('x'))), /more than 100/],
      [card({}), /one of its kinds/],
      [card({ ...paragraph('x'), divider: {} }), /one of its kinds/],
      [card(paragraph('')), /must be a text/],
      [card({ buttonList: { buttons: [button] } }), /http or https/],
      [{ cardsV2: [{ card: { header: { subtitle: 'x' } } }] }, /title: must be a text/],
    ]);
    const { answer } = judge('google-chat', GOOD['google-chat'], {
      path: '/v1/spaces/AAAA/messages?key=k',
    });
    assert.equal(answer.status, 403);
  });

  test('users in brackets are called, cards are HTML, texts have marks', () => {
    const { pings } = judge('google-chat', {
      text: '<users/all>',
      ...card(paragraph('<users/1>')),
    });
    assert.deepEqual(pings, ['<users/all>', '<users/1>']);
    const { shown } = judge('google-chat', {
      text: '*x*',
      ...card(paragraph('<b>*y*</b> &lt;users/all&gt;')),
    });
    assert.deepEqual(shown, ['x', 'x', '*y* <users/all>']);
  });
});

test('Pushover wants keys, lengths and the repeats of an emergency', () => {
  const good = GOOD.pushover;
  refuses('pushover', [
    [{ ...good, token: 'x' }, /token is invalid/],
    [{ ...good, user: undefined }, /user identifier/],
    [{ ...good, message: '' }, /message: must be a text/],
    [{ ...good, message: 'x'.repeat(1025) }, /1025 characters/],
    [{ ...good, title: 'x'.repeat(251) }, /251 characters/],
    [{ ...good, url: `https://x.test/${'x'.repeat(500)}` }, /url: has 515/],
    [{ ...good, url_title: 'x' }, /has no url/],
    [{ ...good, device: 'a device' }, /no name of a device/],
    [{ ...good, priority: 3 }, /from -2 to 2/],
    [{ ...good, priority: 2, expire: 60 }, /retry must be supplied/],
    [{ ...good, priority: 2, retry: 29, expire: 60 }, /retry: must be a whole number from 30/],
    [{ ...good, priority: 2, retry: 30, expire: 10_801 }, /expire: .* to 10800/],
  ]);
  const emergency = { ...good, priority: 2, retry: 30, expire: 10_800 };
  assert.match(judge('pushover', emergency).answer.body, /"receipt":/);
  const body = new URLSearchParams({ ...GOOD.pushover, priority: '2', retry: '30', expire: '60' });
  const contentType = 'application/x-www-form-urlencoded';
  assert.equal(judge('pushover', {}, { contentType, body: String(body) }).refusal, undefined);
});

test('Telegram parses HTML strictly, counts after parsing, and calls names outside of code and links', () => {
  const html = (text: string) => ({ chat_id: '@channel', parse_mode: 'HTML', text });
  refuses('telegram', [
    [{ text: 'x' }, /chat_id is empty/],
    [{ chat_id: 'x y', text: 'x' }, /chat not found/],
    [{ chat_id: 1 }, /text is empty/],
    [html('<b> </b>'), /text is empty/],
    [html('x'.repeat(4097)), /too long/],
    [html('<users/all>'), /unsupported start tag/],
    [html('a < b'), /unsupported start tag/],
    [html('<b><i>x</b></i>'), /unexpected end tag "b"/],
    [html('<code>x'), /can't find end tag/],
    [{ ...html('x'), parse_mode: 'MarkdownV3' }, /unsupported parse_mode/],
  ]);
  const long = judge('telegram', html(`<b>${'&lt;'.repeat(4096)}</b>`));
  assert.deepEqual([long.refusal, long.shown[0]?.length], [undefined, 4096]);
  const pings = (text: string) => judge('telegram', html(text)).pings;
  assert.deepEqual(pings('<code>@everyone</code> a@everyone &lt;@x'), []);
  assert.deepEqual(pings('<a href="https://x.test">@everyone</a> <b>@somebody</b>'), ['@somebody']);
  assert.deepEqual(pings('hi @everyone <a href="tg://user?id=1">x</a>'), [
    '@everyone',
    'tg://user?id=1',
  ]);
});
