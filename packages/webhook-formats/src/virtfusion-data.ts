import {
  type AcceptedEvent,
  isObjectText,
  membersOf,
  objectText,
  redactSensitive,
  withoutMembers,
} from '@hookline/contracts';

/** How `ipv4.block` and its like are written: as `{"ipv4":{"block":…}}` or as `{"ipv4.block":…}`. */
export type DottedKeys = 'nested' | 'literal';

type Members = ReadonlyMap<string, string>;
type Member = readonly [string, string];

/** PHP says false for an object that is not there. */
const ABSENT = 'false';
const ERRORS = new Set(['errors']);
/** Members of canonical data that are told elsewhere, or not at all. */
const NOT_ABOUT_THE_OBJECT = new Set(['source', 'error', 'errors']);
const UUID = /^"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"$/i;

/**
 * VirtFusion's own `data` as it goes on: with `errors` as a list whatever it was, and
 * secrets such as `encryptedPassword` redacted; all else keeps its bytes.
 */
export function forwardedData(data: string): string {
  const text = isObjectText(data) ? data : '{}';
  const errors = membersOf(text).get('errors');
  return redactSensitive(
    errors?.startsWith('[')
      ? text
      : append(withoutMembers(text, ERRORS), ['errors', errorList(errors)]),
  );
}

/**
 * VirtFusion's `data` for an event that came from elsewhere, out of canonical data: the members its
 * list names for that event, then `errors`. Objects that canonical data does not have are `false`.
 */
export function builtData(event: AcceptedEvent, name: string, dottedKeys: DottedKeys): string {
  const data = membersOf(event.data);
  const members = dataMembers(event, { name, data, dottedKeys });
  const { reason } = event.extensions;
  // A reason is also given for what went well ("asked to"); an error is one whatever the status.
  const spoken =
    event.status === 'fail' && reason !== undefined ? JSON.stringify(reason) : undefined;
  const errors = data.get('errors') ?? data.get('error') ?? spoken;
  return redactSensitive(objectText([...members, ['errors', errorList(errors)]]));
}

function dataMembers(
  event: AcceptedEvent,
  from: { name: string; data: Members; dottedKeys: DottedKeys },
): readonly Member[] {
  const { name, data, dottedKeys } = from;
  const server = (): Member => ['server', serverObject(event, data)];
  const dotted = (prefix: string, members: readonly Member[]): readonly Member[] =>
    dottedKeys === 'literal'
      ? members.map(([key, value]): Member => [`${prefix}.${key}`, value])
      : [[prefix, objectText(members)]];
  const addresses = (prefix: string, keys: readonly string[]) => {
    const given = membersOf(data.get(prefix) ?? '');
    return dotted(
      prefix,
      keys.map((key): Member => [key, given.get(key) ?? ABSENT]),
    );
  };
  switch (name) {
    case 'server.create':
      return [server(), ['args', object(data, 'args')], ['allocation', object(data, 'allocation')]];
    case 'server.assign.ipv6':
    case 'server.unassign.ipv6':
      return [
        server(),
        ...addresses('ipv6', ['block', 'subnet', 'ip', 'routeBlock', 'routeSubnet']),
      ];
    case 'server.assign.ipv4':
    case 'server.unassign.ipv4':
      return [server(), ...addresses('ipv4', ['block', 'ip'])];
    case 'user.create':
    case 'user.delete':
      return [['user', objectOrAll(data, 'user')]];
    case 'user.modify':
      return dotted('user', [
        ['before', object(data, 'before')],
        ['after', objectOrAll(data, 'after', 'before')],
      ]);
    case 'system.backup.local':
    case 'system.backup.scp':
      return [['log', objectOrAll(data, 'log')]];
    case 'system.monitor.hypervisor':
      return [
        ['type', data.get('type') ?? data.get('status') ?? '""'],
        ['hypervisor', objectOrAll(data, 'hypervisor', 'type')],
      ];
    default:
      return name.startsWith('server.')
        ? [server()]
        : [...data].filter(([key]) => !NOT_ABOUT_THE_OBJECT.has(key));
  }
}

/**
 * A server object of what is known: `id`, `name`, `uuid`, `state`, `network` as VirtFusion's
 * receivers read them (null where unknown), then whatever else the canonical data say.
 */
function serverObject(event: AcceptedEvent, data: Members): string {
  const given = object(data, 'server');
  if (given !== ABSENT) return given;
  const id = data.get('server_id') ?? data.get('id') ?? JSON.stringify(event.subject ?? null);
  if (id === 'null' && data.size === 0) return ABSENT;
  const server = new Map<string, string>([
    ['id', id],
    ['name', data.get('name') ?? 'null'],
    ['uuid', data.get('uuid') ?? (UUID.test(id) ? id : 'null')],
    ['state', data.get('status') ?? 'null'],
    ['network', networkObject(data.get('ip'))],
  ]);
  const told = new Set(['server_id', 'status', 'ip', 'ipv4', 'ipv6', 'args', 'allocation']);
  for (const [key, value] of data) {
    if (!server.has(key) && !told.has(key) && !NOT_ABOUT_THE_OBJECT.has(key))
      server.set(key, value);
  }
  return objectText(server);
}

function networkObject(ip: string | undefined): string {
  if (ip === undefined || !ip.startsWith('"')) return '{"interfaces":[]}';
  const address = `[{"address":${ip}}]`;
  const [ipv4, ipv6] = ip.includes(':') ? ['[]', address] : [address, '[]'];
  return `{"interfaces":[{"ipv4":${ipv4},"ipv6":${ipv6}}]}`;
}

function object(data: Members, key: string): string {
  const text = data.get(key);
  return text !== undefined && isObjectText(text) ? text : ABSENT;
}

/** The member that is the object, else all of the data as the object, else false. */
function objectOrAll(data: Members, key: string, ...without: readonly string[]): string {
  const given = object(data, key);
  if (given !== ABSENT) return given;
  const all = [...data].filter(
    ([name]) => !NOT_ABOUT_THE_OBJECT.has(name) && !without.includes(name),
  );
  return all.length === 0 ? ABSENT : objectText(all);
}

/** Whatever was said about errors, as a list. */
function errorList(errors: string | undefined): string {
  if (errors === undefined || /^(null|false|""|\{\s*\})$/.test(errors)) return '[]';
  return errors.startsWith('[') ? errors : `[${errors}]`;
}

function append(text: string, [key, value]: Member): string {
  const end = text.lastIndexOf('}');
  const separator = membersOf(text).size === 0 ? '' : ',';
  return `${text.slice(0, end)}${separator}${JSON.stringify(key)}:${value}${text.slice(end)}`;
}
