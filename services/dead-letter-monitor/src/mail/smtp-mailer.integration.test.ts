import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startSmtpServer } from '@hookline/testing';
import type { Mail } from './mail.ts';
import { createSmtpMailer } from './smtp-mailer.ts';

const mail: Mail = {
  id: 'b0f6f0c8-0000-4000-8000-000000000000',
  recipients: ['one@example.com', 'two@example.com'],
  subject: 'Webhook disabled: the shop',
  text: 'text',
  html: '<p>html</p>',
  createdAt: new Date('2026-03-10T12:00:00Z'),
};

test('a mail goes to all its recipients, with an id that is the same at every try', async () => {
  await using server = await startSmtpServer();
  const send = createSmtpMailer({ url: server.url, from: 'Hookline <hookline@example.net>' });
  await send(mail);
  await send(mail);
  const count = (line: string | RegExp) =>
    server.heard.filter((heard) => (typeof line === 'string' ? heard === line : line.test(heard)))
      .length;
  assert.equal(count('MAIL FROM:<hookline@example.net>'), 2);
  assert.equal(count('RCPT TO:<one@example.com>'), 2);
  assert.equal(count('RCPT TO:<two@example.com>'), 2);
  assert.equal(count(`Message-ID: <${mail.id}@example.net>`), 2);
  assert.equal(count('Subject: Webhook disabled: the shop'), 2);
});

test('a refusal of the server is an error that says what it said', async () => {
  await using server = await startSmtpServer({ RCPT: '550 no such mailbox' });
  const send = createSmtpMailer({ url: server.url, from: 'hookline@example.net' });
  await assert.rejects(send(mail), /550 no such mailbox/);
});
