import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writeDisabledMail } from './disabled-mail.ts';
import { disabledKey, recipientsOf, retryDelayMs } from './notification.ts';
import { shownUrl } from './shown-url.ts';

const subscription = {
  id: 'sub_1',
  tenant: 'default',
  state: 'active',
  disabledReason: undefined,
  enabledAt: new Date(0),
  enabledEpoch: 3,
  isProbed: false,
  retryPolicy: { preset: 'cdhosting', disable: true },
  url: 'https://hooks.example.com/in?token=hunter2hunter2',
  description: 'Shop <b>"one"</b>\r\nBcc: everyone@example.com',
  notificationEmails: ['ops@example.com', 'ops@example.com'],
  tenantContacts: ['owner@example.com'],
} as const;

const mail = writeDisabledMail({
  subscription,
  cause: 'failing',
  reason: 'every attempt failed',
  delivery: {
    deliveryId: 'dlv_1',
    eventId: 'evt_1',
    eventType: 'server.started',
    eventRecordedAt: new Date(0),
    subject: 'srv_1',
    attemptsCount: 5,
    cause: 'http_error',
    error: 'the receiver answered 500 <script>alert(1)</script>',
    firstAttemptAt: new Date(0),
    diedAt: new Date('2026-03-10T12:00:00Z'),
  },
  attempts: [
    {
      number: 5,
      startedAt: new Date('2026-03-10T12:00:00Z'),
      outcome: 'http_error',
      httpStatus: 500,
      error: 'the receiver answered 500',
    },
  ],
  consoleUrl: 'http://127.0.0.1:8080/',
});

test('the mail names the webhook, the error, the attempts and how to enable it again', () => {
  for (const body of [mail.text, mail.html]) {
    assert.match(body, /sub_1/);
    assert.match(body, /https:\/\/hooks\.example\.com\/in\?…/);
    assert.match(body, /every attempt failed/);
    assert.match(body, /2026-03-10 12:00:00 UTC, http_error, HTTP 500: the receiver answered 500/);
    assert.match(body, /http:\/\/127\.0\.0\.1:8080\/v1\/webhooks\/sub_1\/resume/);
  }
});

test('the mail holds no credential of the URL, and foreign text adds no markup and no header', () => {
  assert.doesNotMatch(mail.text + mail.html, /hunter2/);
  assert.doesNotMatch(mail.html, /<b>|<script>/);
  assert.match(mail.html, /&lt;script&gt;/);
  assert.doesNotMatch(mail.subject, /[\r\n]/);
});

test('URLs are shown without queries and without path segments that look like tokens', () => {
  const cases = [
    ['https://example.com/webhooks/cdhosting', 'https://example.com/webhooks/cdhosting'],
    ['https://example.com/a?b=c', 'https://example.com/a?…'],
    [
      'https://hooks.slack.com/services/T0/B0/abc123def456ghi789jkl0',
      'https://hooks.slack.com/services/T0/B0/…',
    ],
    ['https://user:pass@example.com/', 'https://example.com/'],
    ['no url', '(a URL that cannot be read)'],
  ] as const;
  for (const [url, shown] of cases) assert.equal(shownUrl(url), shown);
});

test('the tenant’s contacts are told where the subscription names nobody, each once', () => {
  assert.deepEqual(recipientsOf(subscription), ['ops@example.com']);
  assert.deepEqual(recipientsOf({ ...subscription, notificationEmails: [] }), [
    'owner@example.com',
  ]);
});

test('a mail’s key changes with the cause and with being enabled again, and with nothing else', () => {
  const key = disabledKey(subscription, 'failing');
  assert.equal(disabledKey({ ...subscription, description: 'else' }, 'failing'), key);
  assert.notEqual(disabledKey(subscription, 'gone'), key);
  assert.notEqual(disabledKey({ ...subscription, enabledEpoch: 4 }, 'failing'), key);
});

test('tries of a mail are put off from 30 s up to an hour', () => {
  assert.deepEqual(
    [1, 2, 3, 8, 48].map(retryDelayMs),
    [30_000, 60_000, 120_000, 3_600_000, 3_600_000],
  );
});
