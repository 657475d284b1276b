import { type Command, defineCommand, defineSpec } from '../command/command.ts';
import { list, required, value } from '../command/option.ts';
import { choice, duration, namedValue, path, secret, text, time } from '../command/value-types.ts';
import { FORMATS, PHASES, pattern, STATUSES, subscriptionId } from './common.ts';

const DAY_MS = 86_400_000;

export const listenSpec = defineSpec({
  name: 'listen',
  summary: 'Forwards events, as signed webhooks, to a program under development on this machine',
  details:
    'Nothing is made on the server, so nothing is left there; the requests are made and signed here, exactly as a subscription of that format would send them. It outlives restarts of the server and then forwards what was accepted meanwhile. There are no retries: what your program answers is shown.',
  arguments: {
    'forward-to': required(
      text('url', 'a port of this machine or a URL, such as 3000 or http://127.0.0.1:3000/hooks'),
      'where to: a port, or a URL',
    ),
  },
  options: {
    event: list(pattern, 'which events; all without it'),
    status: list(choice(STATUSES), 'which endings; success alone without it'),
    phase: list(choice(PHASES), 'which phases; post alone without it'),
    subject: list(text('server'), 'only about these servers'),
    format: value(choice(FORMATS), 'how requests look', { fallback: 'standard' }),
    option: list(namedValue(), 'an option of the format'),
    subscription: value(
      subscriptionId,
      'take filter, format, options and headers of this subscription',
    ),
    secret: value(
      secret('secret', 'a secret of 8 to 256 printable characters'),
      'the secret to sign with; without it one is made and shown',
    ),
    since: value(time(), 'begin with events accepted from this time on'),
    timeout: value(duration(100, 600_000), 'how long an answer may take', { fallback: '15s' }),
  },
  examples: [
    { line: 'listen 3000', note: 'everything that succeeds, to http://127.0.0.1:3000/' },
    {
      line: "listen http://127.0.0.1:3000/hooks --event 'server.*' --status success --status fail --format cdhosting",
      note: 'as CDHosting sends it, failures as well',
    },
  ],
});

export const verifySpec = defineSpec({
  name: 'verify',
  summary: 'Checks a captured request: whether it is valid, or exactly why it is not',
  details:
    'The request is a file as it came over the wire (--request), or a body with headers. The body must be the bytes as they came: parsed and written again, no signature holds. Nothing is sent anywhere.',
  arguments: {},
  options: {
    request: value(
      path('the path of a file, or - for the standard input'),
      'a file with headers, an empty line and the body; a request line may come first',
    ),
    body: value(
      path('the path of a file, or - for the standard input'),
      'a file with the body alone',
    ),
    header: list(namedValue(':'), 'a header, with --body'),
    secret: value(
      secret('secret', 'whsec_…, a text of your own, or whpk_…'),
      'the subscription’s secret, or its public key',
    ),
    'secret-file': value(
      path('the path of a file, or - for the standard input'),
      'a file with the secret',
    ),
    format: value(
      choice([
        'standard',
        'cloudevents',
        'cloudevents-binary',
        'cdhosting',
        'virtfusion',
        'xen-orchestra',
      ]),
      'the subscription’s format',
      { fallback: 'standard' },
    ),
    'signature-header': value(text('name'), 'the header of the hex HMAC, with format cdhosting'),
    'bearer-token': value(
      secret('token', 'a token'),
      'the token that the subscription sends in Authorization',
    ),
    at: value(time(), 'when the request came; now without it'),
    tolerance: value(duration(0, DAY_MS), 'how far its timestamp may be off, either way', {
      fallback: '5m',
    }),
  },
  examples: [
    {
      line: 'verify --request captured.txt --secret-file secret.txt --at 2026-11-22T03:24:41Z',
      note: 'a request from yesterday',
    },
    {
      line: "verify --body body.json --header 'webhook-id: dlv_…' --header 'webhook-timestamp: 1795317880' --header 'webhook-signature: v1,…' --secret whsec_…",
      note: 'out of a log',
    },
  ],
  exitCodes: { 1: 'the request is not valid; the reason is printed' },
});

export const doctorSpec = defineSpec({
  name: 'doctor',
  summary: 'Looks for what is wrong with a Hookline, and says how to mend it',
  details:
    'Configuration, key, every service, clock, PostgreSQL and its schema, NATS and its streams. What cannot be looked at from here is said to be skipped.',
  arguments: {},
  options: {},
  examples: [
    { line: 'doctor', note: 'of the stack on this machine' },
    { line: 'doctor --json', note: 'for a monitor' },
  ],
  exitCodes: { 1: 'at least one check found a fault' },
});

export const SHELLS = ['bash', 'zsh', 'fish'] as const;

export const completionSpec = defineSpec({
  name: 'completion',
  summary: 'Prints a script that completes the commands, flags and values of hookline in a shell',
  details:
    'It completes the command hookline: node_modules/.bin of this repository has it; an alias of that name does as well.',
  arguments: { shell: required(choice(SHELLS), 'the shell') },
  options: {},
  examples: [
    {
      line: 'completion bash > ~/.local/share/bash-completion/completions/hookline',
      note: 'bash, for good',
    },
    { line: 'completion fish > ~/.config/fish/completions/hookline.fish', note: 'fish' },
    { line: 'completion zsh > ~/.zfunc/_hookline', note: 'zsh, with ~/.zfunc in fpath' },
  ],
});

export const migrateSpec = defineSpec({
  name: 'migrate',
  summary: 'Brings the schema of the database up to date',
  details:
    'The database is that of HOOKLINE_POSTGRES_OWNER_URL, else HOOKLINE_POSTGRES_URL, else that of the running stack.',
  arguments: {},
  options: {},
  examples: [{ line: 'migrate', note: 'before an upgraded service is started' }],
});

const database =
  'The database is that of HOOKLINE_POSTGRES_OWNER_URL, else HOOKLINE_POSTGRES_URL, else that of the running stack.';
const projection = required(text('name'), 'the projection');

export const projectionsListSpec = defineSpec({
  name: 'projections list',
  summary: 'Lists the read models, their versions and how far each has read',
  details: database,
  arguments: {},
  options: {},
  examples: [{ line: 'projections list', note: 'are they current?' }],
});

export const projectionsRebuildSpec = defineSpec({
  name: 'projections rebuild',
  summary: 'Folds the whole log anew beside the live tables, then swaps them in',
  details: database,
  arguments: { name: projection },
  options: {},
  examples: [{ line: 'projections rebuild server', note: 'services go on meanwhile' }],
});

export const projectionsCheckSpec = defineSpec({
  name: 'projections check',
  summary: 'Folds the log anew and compares every row with the live tables',
  details: database,
  arguments: { name: projection },
  options: {},
  examples: [{ line: 'projections check server', note: 'prove that they are equal' }],
  exitCodes: { 3: 'there is a difference' },
});

export const secretsRekeySpec = defineSpec({
  name: 'secrets rekey',
  summary: 'Seals everything anew with HOOKLINE_MASTER_KEY',
  details:
    'Run it after every service has been given the new key, with the one before in HOOKLINE_MASTER_KEYS_OLD. It can be cut off and run again. The database is that of HOOKLINE_POSTGRES_OWNER_URL, else HOOKLINE_POSTGRES_URL.',
  arguments: {},
  options: {},
  examples: [{ line: 'secrets rekey', note: 'afterwards HOOKLINE_MASTER_KEYS_OLD can be unset' }],
});

/** A group of one command, which is called by the group's name. */
function alone(command: Command) {
  return { name: command.spec.name, summary: command.spec.summary, commands: [command] };
}

const programs = () => import('../run/programs.ts');

export const toolCommands = {
  listen: alone(
    defineCommand(listenSpec, async () => (await import('../listen/listen.ts')).listen),
  ),
  verify: alone(
    defineCommand(verifySpec, async () => (await import('../verify/verify.ts')).verify),
  ),
  doctor: alone(
    defineCommand(doctorSpec, async () => (await import('../doctor/doctor.ts')).doctor),
  ),
  migrate: alone(defineCommand(migrateSpec, async () => (await programs()).migrate)),
  completion: alone(
    defineCommand(completionSpec, async () => (await import('../run/completion.ts')).completion),
  ),
  projections: {
    name: 'projections',
    summary: 'Look after the read models that are folded from the log',
    commands: [
      defineCommand(projectionsListSpec, async () => (await programs()).listProjections),
      defineCommand(projectionsRebuildSpec, async () => (await programs()).rebuildProjection),
      defineCommand(projectionsCheckSpec, async () => (await programs()).checkProjection),
    ],
  },
  secrets: {
    name: 'secrets',
    summary: 'Look after what is sealed at rest',
    commands: [defineCommand(secretsRekeySpec, async () => (await programs()).rekeySecrets)],
  },
};
