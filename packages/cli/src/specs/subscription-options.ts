import { list, value } from '../command/option.ts';
import {
  choice,
  decimal,
  duration,
  integer,
  namedValue,
  path,
  secret,
  text,
} from '../command/value-types.ts';
import { FORMATS, ORDERINGS, PHASES, RETRY_PRESETS, STATUSES } from './common.ts';

const DAY_MS = 86_400_000;
const FILTER = 'subscription.filter';
const POLICY = 'subscription.retry_policy';

/** What a subscription may be given, when it is made and when it is changed. */
export const settings = {
  status: list(choice(STATUSES), 'which endings it wants; success alone without it', {
    field: `${FILTER}.statuses`,
  }),
  phase: list(choice(PHASES), 'which phases it wants; post alone without it', {
    field: `${FILTER}.phases`,
  }),
  subject: list(text('server'), 'which servers it wants events of; all without it', {
    field: `${FILTER}.subjects`,
  }),
  format: value(choice(FORMATS), 'how requests look; standard without it', {
    field: 'subscription.format',
  }),
  description: value(text('text'), 'a note for people', { field: 'subscription.description' }),
  header: list(namedValue(), 'a further header of every request', {
    field: 'subscription.headers',
  }),
  option: list(namedValue(), 'an option of the format or the engine', {
    field: 'subscription.options',
  }),
  'bearer-token': value(secret('token', 'a token'), 'sent as Authorization: Bearer', {
    field: 'subscription.auth.bearer.token',
  }),
  basic: value(secret('user:password', 'user:password'), 'sent as Authorization: Basic', {
    field: 'subscription.auth.basic',
  }),
  'auth-header': value(namedValue(), 'a header with a credential, which is never shown again', {
    field: 'subscription.auth.header',
  }),
  retry: value(choice(RETRY_PRESETS), 'when failed attempts are repeated; standard without it', {
    field: `${POLICY}.preset`,
  }),
  'retry-delay': list(
    duration(100, 7 * DAY_MS),
    'instead, the waits before the second attempt, the third and so on',
    {
      field: `${POLICY}.delays`,
    },
  ),
  jitter: value(decimal(0, 1), 'by how much the waits vary; 0.2 is ±20 %', {
    field: `${POLICY}.jitter`,
  }),
  'attempts-max': value(integer(1, 31), 'how many attempts at most', {
    field: `${POLICY}.attempts_max`,
  }),
  rate: value(decimal(0.01, 10_000), 'requests a second at most', {
    field: 'subscription.rate_limit.requests_per_second',
  }),
  burst: value(integer(1, 10_000), 'requests at once after a quiet time; with --rate', {
    field: 'subscription.rate_limit.burst',
  }),
  timeout: value(duration(1_000, 30_000), 'how long an attempt may take; 15s without it', {
    field: 'subscription.timeout',
  }),
  ordering: value(choice(ORDERINGS), 'whether each server’s events come one after the other', {
    field: 'subscription.ordering',
  }),
  notify: list(text('email', 'an e-mail address'), 'who is told when it is disabled', {
    field: 'subscription.notification_emails',
  }),
};

/** A secret of one's own, on the command line or out of a file. */
export const secretOptions = {
  secret: value(
    secret('secret', 'a secret of 8 to 256 printable characters'),
    'your own signing secret; --secret-file is better, since other users see the arguments of a process',
    { field: 'subscription.secret' },
  ),
  'secret-file': value(
    path('the path of a file, or - for the standard input'),
    'a file with the secret',
  ),
};

export const etag = value(text('etag'), 'only if this is still its version', { field: 'etag' });
