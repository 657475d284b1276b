import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

/** An SMTP server on the loopback, for tests of mails. */
export interface TestSmtpServer extends AsyncDisposable {
  readonly url: string;
  /** Every line that clients sent, those of mails among them. */
  readonly heard: readonly string[];
  /** Mails that were taken, as they came, one text each. */
  readonly mails: readonly string[];
  /** From now on: what a command is answered instead, by its verb; 'hang' is answered nothing at all. */
  answerWith(answers: Readonly<Record<string, string>>): void;
}

/** As much of RFC 5321 as mails need. `answers` is as in answerWith(). */
export async function startSmtpServer(
  answers: Readonly<Record<string, string>> = {},
): Promise<TestSmtpServer> {
  let given = answers;
  const heard: string[] = [];
  const mails: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    const reply = (text: string): void => {
      if (text !== 'hang') socket.write(`${text}\r\n`);
    };
    let mail: string[] | undefined;
    const hear = (line: string): void => {
      heard.push(line);
      if (mail !== undefined) {
        if (line !== '.') {
          mail.push(line);
          return;
        }
        mails.push(mail.join('\n'));
        mail = undefined;
        reply('250 taken');
        return;
      }
      const verb = line.slice(0, 4).toUpperCase();
      if (verb === 'DATA' && given.DATA === undefined) mail = [];
      reply(given[verb] ?? (mail === undefined ? '250 fine' : '354 go on'));
      if (verb === 'QUIT') socket.end();
    };
    let buffered = '';
    socket.on('data', (chunk) => {
      buffered += chunk.toString('utf8');
      for (let end = buffered.indexOf('\r\n'); end >= 0; end = buffered.indexOf('\r\n')) {
        const line = buffered.slice(0, end);
        buffered = buffered.slice(end + 2);
        hear(line);
      }
    });
    reply(given.GREETING ?? '220 test');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `smtp://127.0.0.1:${port}`,
    heard,
    mails,
    answerWith(next) {
      given = next;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
