import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseProxy } from './proxy.ts';

const plain = { secure: false, isAddress: false, authorization: undefined };

test('a proxy is an http or https URL, with the default ports of those', () => {
  assert.deepEqual(parseProxy('http://proxy.example:3128'), {
    ...plain,
    host: 'proxy.example',
    port: 3128,
  });
  assert.deepEqual(parseProxy('http://proxy.example'), {
    ...plain,
    host: 'proxy.example',
    port: 80,
  });
  assert.deepEqual(parseProxy('https://[fd00::1]/'), {
    host: 'fd00::1',
    port: 443,
    secure: true,
    isAddress: true,
    authorization: undefined,
  });
});

test('user and password are decoded and go into Basic authentication', () => {
  const proxy = parseProxy('http://us%40er:p%3Aw%C3%A9@10.0.0.1:8080');
  const encoded = Buffer.from('us@er:p:wé').toString('base64');
  assert.equal(proxy?.authorization, `Basic ${encoded}`);
  assert.equal(proxy?.isAddress, true);
});

test('what is no proxy is refused: other schemes, paths, queries, broken escapes', () => {
  for (const text of [
    '',
    'proxy.example:3128',
    'socks5://proxy.example',
    'http://proxy.example/path',
    'http://proxy.example/?x=1',
    'http://%zz@proxy.example',
  ]) {
    assert.equal(parseProxy(text), undefined, text);
  }
});
