import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkHeader, createRequestCheck } from './request.ts';

test('headers that frame the message or choose its receiver are refused in any case', () => {
  for (const name of ['Host', 'host', 'CONTENT-LENGTH', 'Transfer-Encoding', 'Connection', 'TE']) {
    assert.equal(checkHeader(name, 'x')?.code, 'request_invalid', name);
  }
});

test('a header cannot smuggle another one, and a refusal does not repeat its value', () => {
  for (const value of ['sesame\r\nHost: x', 'sesame\n', 'sesame\0', 'sesame\u2028']) {
    const refused = checkHeader('X-Token', value);
    assert.equal(refused?.code, 'request_invalid');
    assert.doesNotMatch(refused?.reason ?? '', /sesame/);
  }
  assert.ok(checkHeader('X\r\nY', 'x'));
  assert.ok(checkHeader('', 'x'));
  assert.equal(checkHeader('X-VirtFusion-Event', 'a b\tc é'), undefined);
});

test('a timeout must be a number within its bounds', () => {
  const check = createRequestCheck();
  for (const timeoutMs of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 600_001]) {
    const request = { url: 'https://example.com', method: 'POST', headers: {}, timeoutMs } as const;
    assert.equal(check(request)?.code, 'request_invalid', String(timeoutMs));
  }
});
