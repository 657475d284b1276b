import type {
  Auth,
  FieldViolation,
  Subscription as SubscriptionMessage,
} from '@hookline/contracts';

/** Fields that a mask may name, and those within them; lists and maps are named as a whole. */
const fields: Readonly<Record<string, readonly string[]>> = {
  url: [],
  description: [],
  filter: ['types', 'statuses', 'phases', 'subjects', 'attributes'],
  format: [],
  auth: [
    'bearer',
    'bearer.token',
    'bearer.base64',
    'basic',
    'basic.username',
    'basic.password',
    'header',
    'header.name',
    'header.value',
  ],
  headers: [],
  retry_policy: ['preset', 'delays', 'jitter', 'attempts_max', 'disable'],
  rate_limit: ['requests_per_second', 'burst'],
  timeout: [],
  ordering: [],
  notification_emails: [],
  options: [],
};

const OUTPUT_ONLY: ReadonlySet<string> = new Set([
  'id',
  'public_key',
  'state',
  'disabled_reason',
  'etag',
  'create_time',
  'update_time',
]);

const knownPaths: ReadonlySet<string> = new Set(
  Object.entries(fields).flatMap(([field, within]) => [
    field,
    ...within.map((name) => `${field}.${name}`),
  ]),
);

const PATHS_MAX = 100;

/** Which fields an update is about, or what is wrong with its mask. */
export type UpdateMask =
  | { readonly kind: 'paths'; readonly paths: readonly string[] }
  | { readonly kind: 'faulty'; readonly faults: readonly FieldViolation[] };

/** Reads a mask by AIP-134; without one, every field is named that is set. */
export function readUpdateMask(
  mask: readonly string[] | undefined,
  message: SubscriptionMessage,
): UpdateMask {
  if (mask === undefined || mask.length === 0) {
    const paths = Object.keys(fields).filter((field) => isSet(message[camelCase(field) as Key]));
    return { kind: 'paths', paths };
  }
  if (mask.length > PATHS_MAX) {
    return faulty([`it has ${mask.length} paths; at most ${PATHS_MAX} are taken`]);
  }
  const faults = mask.flatMap((path) => pathFault(path, mask) ?? []);
  if (faults.length > 0) return faulty(faults);
  return { kind: 'paths', paths: mask.includes('*') ? Object.keys(fields) : mask };
}

/**
 * The message with the fields named taken from `wanted`. `current` holds its credentials; one left
 * empty in `wanted` beside the same method stays as it is, since no answer ever shows it.
 */
export function applyUpdateMask(
  current: SubscriptionMessage,
  wanted: SubscriptionMessage,
  paths: readonly string[],
): SubscriptionMessage {
  const result = structuredClone(current);
  const auth = wanted.auth && withCredential(wanted.auth, current.auth, paths);
  for (const path of paths) copyPath(result, { ...wanted, auth }, path);
  if (result.retryPolicy !== undefined) leaveOneSchedule(result.retryPolicy, paths);
  return result;
}

type Key = keyof SubscriptionMessage;
type Members = Record<string, unknown>;

function pathFault(path: string, mask: readonly string[]): string | undefined {
  const shown = JSON.stringify(path.slice(0, 80));
  const [field = ''] = path.split('.');
  if (path === '*') return mask.length === 1 ? undefined : '"*" names every field; send it alone';
  if (knownPaths.has(path)) return undefined;
  if (field === 'secret') return `${shown} cannot be updated; use RotateSecret`;
  if (OUTPUT_ONLY.has(field)) return `${shown} is set by the server alone; leave it out`;
  if (Object.hasOwn(fields, field)) {
    return `${shown} is within ${field}, where ${whatIsWithin(field)}`;
  }
  return `${shown} is no field; use ${Object.keys(fields).join(', ')}, or "*" for all`;
}

function whatIsWithin(field: string): string {
  const within = fields[field] ?? [];
  if (within.length === 0) return `nothing can be named; name "${field}" as a whole`;
  return `only ${within.join(', ')} can be named`;
}

function faulty(details: readonly string[]): UpdateMask {
  return { kind: 'faulty', faults: details.map((detail) => ({ field: 'update_mask', detail })) };
}

function isSet(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return Boolean(value);
  if (value instanceof Date) return true;
  if (Array.isArray(value)) return value.length > 0;
  // A map without entries; a message has all of its fields as members, set or not.
  return Object.keys(value).length > 0;
}

function copyPath(into: SubscriptionMessage, from: SubscriptionMessage, path: string): void {
  const [field = '', ...rest] = path.split('.').map(camelCase);
  if (field === 'auth' && rest.length > 0) {
    copyAuth(into, from, rest);
    return;
  }
  const [name] = rest;
  const source = from as unknown as Members;
  const target = into as unknown as Members;
  if (name === undefined) {
    target[field] = source[field];
    return;
  }
  target[field] = { ...emptyOf(field), ...(target[field] as Members | undefined) };
  (target[field] as Members)[name] = ((source[field] ?? emptyOf(field)) as Members)[name];
}

/** A message with nothing set, where the resource has none. */
function emptyOf(field: string): Members {
  if (field === 'filter') {
    return { types: [], statuses: [], phases: [], subjects: [], attributes: [] };
  }
  return field === 'retryPolicy' ? { preset: 0, delays: [] } : { requestsPerSecond: 0 };
}

const emptyMethods: Readonly<Record<string, Members>> = {
  bearer: { token: '', base64: false },
  basic: { username: '', password: '' },
  header: { name: '', value: '' },
};

/** Another method than the present one begins empty; of one that is not sent everything is empty. */
function copyAuth(
  into: SubscriptionMessage,
  from: SubscriptionMessage,
  [kind = '', name]: readonly string[],
): void {
  const sent = from.auth?.method?.$case === kind ? from.auth.method.value : undefined;
  const present = into.auth?.method?.$case === kind ? into.auth.method.value : undefined;
  if (name === undefined) {
    if (sent !== undefined) into.auth = toAuth(kind, sent);
    else if (present !== undefined) into.auth = undefined;
    return;
  }
  const value = { ...emptyMethods[kind], ...(present as Members | undefined) };
  value[name] = (sent as Members | undefined)?.[name] ?? emptyMethods[kind]?.[name];
  into.auth = toAuth(kind, value);
}

function toAuth(kind: string, value: unknown): Auth {
  return { method: { $case: kind, value } } as Auth;
}

const credentialOf = { bearer: 'token', basic: 'password', header: 'value' } as const;

function withCredential(wanted: Auth, current: Auth | undefined, paths: readonly string[]): Auth {
  const [sent, kept] = [wanted.method, current?.method];
  if (sent === undefined || sent.$case !== kept?.$case) return wanted;
  const name = credentialOf[sent.$case];
  const [value, keptValue] = [sent.value as unknown as Members, kept.value as unknown as Members];
  const isNamed = paths.includes(`auth.${sent.$case}.${name}`);
  const isSame = value.username === keptValue.username && value.name === keptValue.name;
  if (value[name] !== '' || isNamed || !isSame) return wanted;
  return toAuth(sent.$case, { ...value, [name]: keptValue[name] });
}

/** A preset and delays exclude each other: naming one of them alone takes the place of the other. */
function leaveOneSchedule(
  policy: NonNullable<SubscriptionMessage['retryPolicy']>,
  paths: readonly string[],
): void {
  const [preset, delays] = ['preset', 'delays'].map((name) =>
    paths.includes(`retry_policy.${name}`),
  );
  if (delays && !preset && policy.delays.length > 0) policy.preset = 0;
  if (preset && !delays && policy.preset !== 0) policy.delays = [];
}

function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
