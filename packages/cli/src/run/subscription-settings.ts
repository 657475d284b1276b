import {
  Auth,
  durationFromMs,
  GrpcPhase,
  GrpcStatus,
  Ordering,
  RetryPreset,
  type Subscription,
} from '@hookline/contracts';
import type { Input } from '../command/command.ts';
import { UsageError } from '../command/usage-error.ts';
import { message } from '../server/request.ts';
import type { createSpec, updateSpec } from '../specs/subscription-specs.ts';
import { numberOf, numbersOf } from './enums.ts';

type Given = Pick<
  Input<typeof createSpec>['options'] & Input<typeof updateSpec>['options'],
  keyof Input<typeof createSpec>['options'] & keyof Input<typeof updateSpec>['options']
>;

/** Fields of a subscription, and the paths of those that flags name. */
export interface Settings {
  readonly subscription: Partial<Subscription>;
  readonly paths: readonly string[];
}

/** @throws UsageError for flags that do not go together */
export function readSettings(options: Given): Settings {
  check(options);
  const parts = [filterOf(options), plainOf(options), requestOf(options), policyOf(options)];
  return {
    subscription: Object.assign({}, ...parts.map(({ subscription }) => subscription)),
    paths: parts.flatMap(({ paths }) => paths),
  };
}

function check(options: Given): void {
  const methods = (['bearer-token', 'basic', 'auth-header'] as const).filter(
    (name) => options[name] !== undefined,
  );
  const faults = [
    ...(methods.length > 1
      ? [
          {
            subject: methods.map((name) => `--${name}`).join(', '),
            detail: 'are given together; an endpoint has one way to authenticate',
          },
        ]
      : []),
    ...(options.basic !== undefined && !options.basic.includes(':')
      ? [{ subject: '--basic', detail: 'holds no colon; give user:password' }]
      : []),
    ...(options.burst !== undefined && options.rate === undefined
      ? [{ subject: '--burst', detail: 'is given without --rate; give the rate that it adds to' }]
      : []),
    ...(options.retry !== undefined && options['retry-delay'].length > 0
      ? [
          {
            subject: '--retry-delay',
            detail: 'is given together with --retry; give a preset or waits of your own',
          },
        ]
      : []),
  ];
  if (faults.length > 0) throw new UsageError(faults);
}

function filterOf({ event, status, phase, subject }: Given): Settings {
  const named = { types: event, statuses: status, phases: phase, subjects: subject };
  return {
    subscription: {
      filter: {
        types: [...event],
        statuses: numbersOf(GrpcStatus, 'STATUS_', status),
        phases: numbersOf(GrpcPhase, 'PHASE_', phase),
        subjects: [...subject],
        attributes: [],
      },
    },
    paths: Object.entries(named).flatMap(([name, list]) =>
      list.length > 0 ? `filter.${name}` : [],
    ),
  };
}

function plainOf({ format, description, notify, ordering, option }: Given): Settings {
  return withPaths({
    ...(format !== undefined && { format }),
    ...(description !== undefined && { description }),
    ...(notify.length > 0 && { notification_emails: [...notify] }),
    ...(ordering !== undefined && { ordering: numberOf(Ordering, 'ORDERING_', ordering) }),
    ...(option.length > 0 && { options: mapOf(option) }),
  });
}

function requestOf(options: Given): Settings {
  const { header, rate, burst, timeout } = options;
  const auth = authOf(options);
  return withPaths({
    ...(header.length > 0 && { headers: mapOf(header) }),
    ...(auth !== undefined && { auth }),
    ...(rate !== undefined && { rate_limit: { requestsPerSecond: rate, burst } }),
    ...(timeout !== undefined && { timeout: durationFromMs(timeout) }),
  });
}

function authOf(options: Given): Auth | undefined {
  const { 'bearer-token': token, basic, 'auth-header': header } = options;
  if (token !== undefined) {
    return message(Auth, { method: { $case: 'bearer', value: { token } } });
  }
  if (header !== undefined) return message(Auth, { method: { $case: 'header', value: header } });
  if (basic === undefined) return undefined;
  const [username = '', ...password] = basic.split(':');
  return message(Auth, {
    method: { $case: 'basic', value: { username, password: password.join(':') } },
  });
}

function policyOf(options: Given): Settings {
  const { retry, 'retry-delay': delays, jitter, 'attempts-max': attemptsMax } = options;
  if (
    retry === undefined &&
    delays.length === 0 &&
    jitter === undefined &&
    attemptsMax === undefined
  ) {
    return { subscription: {}, paths: [] };
  }
  return withPaths({
    retry_policy: {
      preset: numberOf(RetryPreset, 'RETRY_PRESET_', retry) ?? RetryPreset.RETRY_PRESET_UNSPECIFIED,
      delays: delays.map(durationFromMs),
      jitter,
      attemptsMax,
      disable: undefined,
    },
  });
}

/** Fields under the names of a mask, which are those of the protos. */
function withPaths(fields: Readonly<Record<string, unknown>>): Settings {
  const entries = Object.entries(fields).map(([path, value]) => [camelCase(path), value]);
  return { subscription: Object.fromEntries(entries), paths: Object.keys(fields) };
}

function camelCase(path: string): string {
  return path.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function mapOf(pairs: readonly { readonly name: string; readonly value: string }[]) {
  return Object.fromEntries(pairs.map(({ name, value }) => [name, value]));
}
