import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type IssuedCredential, revocationsOf } from './revocations.ts';

const now = new Date('2030-01-01T00:00:00Z');
const ago = (minutes: number) => new Date(now.getTime() - minutes * 60_000);
const issued = (name: string, minutes: number, rest: Partial<IssuedCredential> = {}) => ({
  userPublicKey: name,
  createdAt: ago(minutes),
  ...rest,
});
const revoked = (name: string, minutes: number) => issued(name, minutes, { revokedAt: ago(0) });

test('those revoked are named, and once they have expired no more', () => {
  const credentials = [
    issued('works', 9),
    revoked('lost', 9),
    { ...revoked('over', 9), expiresAt: ago(2) },
    { ...revoked('just over', 9), expiresAt: ago(0) },
  ];
  assert.deepEqual([...revocationsOf(credentials, now).keys()], ['lost', 'just over']);
});

test('many are revoked by time, with nothing revoked that works, and the young ones by name', () => {
  const old = Array.from({ length: 100 }, (_, index) => revoked(`old ${index}`, 100));
  const credentials = [...old, issued('works', 50), revoked('young', 40), revoked('near', 51)];
  const revocations = revocationsOf(credentials, now);
  assert.deepEqual([...revocations.keys()], ['*', 'young', 'near']);
  const upTo = revocations.get('*')?.getTime() ?? 0;
  assert.ok(upTo < ago(50).getTime());
  assert.ok(upTo > ago(100).getTime());
});

test('what may be issued at this moment is never revoked by time', () => {
  const old = Array.from({ length: 100 }, (_, index) => revoked(`old ${index}`, 100));
  const upTo = revocationsOf(old, now).get('*')?.getTime() ?? 0;
  assert.ok(upTo <= now.getTime() - 60_000);
});
