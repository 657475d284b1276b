import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCapturedRequest } from './captured-request.ts';

const parse = (text: string) => parseCapturedRequest(Buffer.from(text));

test('a request is taken apart with or without its first line, with either kind of line end', () => {
  const expected = {
    headers: { 'webhook-id': 'dlv_1', empty: '' },
    body: Buffer.from('{"a":1}\n'),
  };
  assert.deepEqual(parse('Webhook-Id: dlv_1\nempty:\n\n{"a":1}\n'), expected);
  assert.deepEqual(
    parse('POST /hooks HTTP/1.1\r\nWebhook-Id:  dlv_1\r\nempty:\r\n\r\n{"a":1}\n'),
    expected,
  );
  assert.deepEqual(parse('POST /hooks\nwebhook-id: dlv_1 \nempty: \n\n{"a":1}\n'), expected);
});

test('content-length says where the body ends', () => {
  const request = parse('content-length: 2\n\n{}\n');
  assert.equal(typeof request === 'string' ? request : request.body.toString(), '{}');
  assert.match(String(parse('content-length: 9\n\n{}')), /2 bytes.*9: it was cut/);
});

test('what is no request is said to be none', () => {
  assert.match(String(parse('{"a":1}')), /no empty line/);
  assert.match(String(parse('what is this\n\n{}')), /no header: "what is this"/);
});
