import assert from 'node:assert/strict';
import { test } from 'node:test';
import { authHeaders } from './auth-headers.ts';

test('each method has its header; VirtFusion receivers get every token in base64', () => {
  const bearer = { kind: 'bearer', token: 'tök', base64: false } as const;
  const encoded = `Bearer ${Buffer.from('tök').toString('base64')}`;
  assert.deepEqual(authHeaders(undefined, 'virtfusion'), {});
  assert.deepEqual(authHeaders({ ...bearer, token: 'tok' }, 'standard'), {
    Authorization: 'Bearer tok',
  });
  assert.deepEqual(authHeaders({ ...bearer, base64: true }, 'standard'), {
    Authorization: encoded,
  });
  assert.deepEqual(authHeaders(bearer, 'virtfusion'), { Authorization: encoded });
  // RFC 7617, section 2
  const basic = { kind: 'basic', username: 'Aladdin', password: 'open sesame' } as const;
  assert.deepEqual(authHeaders(basic, 'standard'), {
    Authorization: 'Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==',
  });
  const header = { kind: 'header', name: 'X-Api-Key', value: 'k' } as const;
  assert.deepEqual(authHeaders(header, 'standard'), { 'X-Api-Key': 'k' });
});
