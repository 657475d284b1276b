import assert from 'node:assert/strict';
import { test } from 'node:test';
import { status } from '@grpc/grpc-js';
import { AgentError } from '@hookline/agent';
import { toServiceError } from '@hookline/contracts';
import { updateSpec } from '../specs/subscription-specs.ts';
import { explainFailure } from './explain-failure.ts';

const explain = (error: unknown) =>
  explainFailure(error, { ...updateSpec.options, ...updateSpec.arguments });
const refusal = (code: number, message = 'so it is') => explain(toServiceError({ code, message }));

test('what a server refuses has an exit code that tells why', () => {
  const codes = [
    status.NOT_FOUND,
    status.PERMISSION_DENIED,
    status.UNAUTHENTICATED,
    status.UNAVAILABLE,
    status.UNIMPLEMENTED,
    status.FAILED_PRECONDITION,
    status.INTERNAL,
  ];
  assert.deepEqual(
    codes.map((code) => refusal(code).exitCode),
    [3, 4, 4, 5, 6, 1, 1],
  );
  assert.match(
    refusal(status.UNIMPLEMENTED, 'RedriveDeadLetters').text,
    /has not got this yet .*RedriveDeadLetters.*upgrade/,
  );
  assert.match(refusal(status.UNAUTHENTICATED).text, /HOOKLINE_API_KEY/);
  assert.match(refusal(status.UNAVAILABLE).text, /doctor/);
});

test('a field that the server finds at fault is named by its flag', () => {
  const fieldViolations = [
    'subscription.url',
    'subscription.filter.types[0]',
    'subscription.auth.basic.username',
    'subscription.id',
    'something.else',
  ].map((field) => ({ field, description: 'is wrong' }));
  const error = toServiceError({
    code: status.INVALID_ARGUMENT,
    message: 'bad',
    reason: 'invalid_argument',
    fieldViolations,
  });
  const { text, exitCode } = explain(error);
  assert.equal(exitCode, 2);
  assert.deepEqual(
    text.split('\n').map((line) => line.split(':')[0]),
    ['--endpoint', '--event', '--basic', '--id', 'something.else'],
  );
});

test('faults of an agent are told apart', () => {
  assert.equal(explain(new AgentError('unreachable', 'no')).exitCode, 5);
  assert.equal(explain(new AgentError('credentials_refused', 'no')).exitCode, 4);
  assert.equal(explain(new AgentError('invalid_event', 'no')).exitCode, 2);
  assert.equal(explain(new Error('anything')).exitCode, 1);
});
