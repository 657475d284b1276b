import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
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

/** As much of RFC 5321 as one mail needs. `answers` overrides what a command is answered. */
async function startSmtpServer(answers: Readonly<Record<string, string>> = {}) {
  const heard: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    let inData = false;
    let buffered = '';
    socket.on('error', () => {});
    socket.write('220 test\r\n');
    socket.on('data', (chunk) => {
      buffered += chunk.toString('utf8');
      for (let end = buffered.indexOf('\r\n'); end >= 0; end = buffered.indexOf('\r\n')) {
        const line = buffered.slice(0, end);
        buffered = buffered.slice(end + 2);
        heard.push(line);
        if (inData) {
          if (line !== '.') continue;
          inData = false;
          socket.write('250 taken\r\n');
          continue;
        }
        const verb = line.slice(0, 4).toUpperCase();
        inData = verb === 'DATA' && answers.DATA === undefined;
        socket.write(`${answers[verb] ?? (inData ? '354 go on' : '250 fine')}\r\n`);
        if (verb === 'QUIT') socket.end();
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `smtp://127.0.0.1:${port}`,
    heard,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

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
