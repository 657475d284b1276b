/** The program `webhook` (github.com/adnanh/webhook, a package of Debian's) as a receiver. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { sentWebhook } from '@hookline/receiver/fixtures';
import { debianProgram, eventually, freePort } from '@hookline/testing';

test('the program webhook runs its command for a signed webhook, and for no other', async (t) => {
  const webhook = await debianProgram({ name: 'webhook', probe: ['-version'] });
  if (webhook.kind === 'missing') {
    t.skip(webhook.reason);
    return;
  }
  const port = String(await freePort());
  const program = spawn(
    webhook.path,
    ['-hooks', 'docs/verify/hooks.json', '-ip', '127.0.0.1', '-port', port],
    { stdio: 'ignore' },
  );
  t.after(async () => {
    program.kill();
    if (program.exitCode === null && program.signalCode === null) await once(program, 'exit');
  });
  const url = `http://127.0.0.1:${port}/hooks/hookline`;
  await eventually(async () => void (await fetch(url)), { timeoutMs: 30_000 });
  const { headers, body } = sentWebhook({ format: 'cdhosting' });
  const post = async (changed = body) => {
    const response = await fetch(url, { method: 'POST', headers, body: changed });
    return `${response.status} ${(await response.text()).trim()}`;
  };
  assert.equal(await post(), '200 server.started srv_abc123');
  assert.match(await post(body.replace('srv_abc123', 'srv_abc124')), /^500 .*hook rules/);
});
