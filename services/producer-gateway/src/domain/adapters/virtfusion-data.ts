import { type EventStatus, elementTexts, membersOf, objectText } from '@hookline/contracts';
import { objectAt, scalarJson, textAt } from './json-path.ts';
import { statusAfter } from './server-status.ts';

type Member = readonly [string, string];

/** What canonical data are made of. */
export interface VirtfusionEvent {
  readonly type: string;
  readonly status: EventStatus;
  /** JSON text of the body's `data`. */
  readonly data: string;
}

/** The canonical members of VirtFusion's data, ids and all else in their own spelling. */
export function canonicalFromVirtfusionData(event: VirtfusionEvent): Member[] {
  const { type, data } = event;
  return [...aboutMembers(event), ...addressMembers(data), ...otherMembers(type, data)];
}

function aboutMembers(event: VirtfusionEvent): Member[] {
  const { type, data } = event;
  if (type === 'user.updated') {
    return present([
      ['before', objectAt(data, 'user', 'before') ?? objectAt(data, 'user.before')],
      ['after', objectAt(data, 'user', 'after') ?? objectAt(data, 'user.after')],
    ]);
  }
  if (type.startsWith('user.')) return personMembers(objectAt(data, 'user') ?? '{}');
  if (type.startsWith('hypervisor.')) {
    const hypervisor = objectAt(data, 'hypervisor');
    return present([
      ['type', scalarJson(textAt(data, 'type'))],
      ['hypervisor', hypervisor && namedJson(hypervisor)],
    ]);
  }
  return serverMembers(event, objectAt(data, 'server'));
}

function serverMembers({ type, status }: VirtfusionEvent, server: string | undefined): Member[] {
  if (server === undefined) return [];
  const member = (name: string) => scalarJson(textAt(server, name));
  const after = status === 'success' ? statusAfter(type) : undefined;
  return present([
    ['server_id', member('id') ?? member('uuid')],
    ['name', member('name') ?? member('hostname')],
    ['status', after === undefined ? member('state') : JSON.stringify(after)],
    ['ip', addressOf(server)],
    ['uuid', member('uuid')],
    ['hypervisor', hypervisorOf(server)],
    ['owner', ownerOf(server)],
  ]);
}

/** The first address of the first interface that has one, IPv4 before IPv6. */
function addressOf(server: string): string | undefined {
  const interfaces = textAt(server, 'network', 'interfaces') ?? '[]';
  if (!interfaces.startsWith('[')) return undefined;
  for (const family of ['ipv4', 'ipv6']) {
    for (const each of elementTexts(interfaces)) {
      const address = textAt(each, family, 0, 'address');
      if (address?.startsWith('"')) return scalarJson(address);
    }
  }
  return undefined;
}

function hypervisorOf(server: string): string | undefined {
  const hypervisor = objectAt(server, 'hypervisor');
  const id = scalarJson(textAt(server, 'hypervisorId'));
  const members = hypervisor === undefined ? present([['id', id]]) : namedMembers(hypervisor);
  return members.length === 0 ? undefined : objectText(members);
}

function ownerOf(server: string): string | undefined {
  const owner = objectAt(server, 'owner');
  const id = scalarJson(textAt(server, 'ownerId'));
  const members = new Map([...present([['id', id]]), ...personMembers(owner ?? '{}')]);
  return members.size === 0 ? undefined : objectText(members);
}

function personMembers(user: string): Member[] {
  const member = (name: string) => scalarJson(textAt(user, name));
  return present([
    ['id', member('id') ?? member('uuid')],
    ['name', member('name')],
    ['email', member('email')],
  ]);
}

function namedMembers(object: string): Member[] {
  const member = (name: string) => scalarJson(textAt(object, name));
  return present([
    ['id', member('id') ?? member('uuid')],
    ['name', member('name') ?? member('hostname')],
    ['ip', member('ip')],
  ]);
}

function namedJson(object: string): string {
  return objectText(namedMembers(object));
}

/** The page writes `ipv4.block`: both an object in an object and a literal key are understood. */
function addressMembers(data: string): Member[] {
  const members = membersOf(data);
  return ['ipv4', 'ipv6'].flatMap((family): Member[] => {
    const nested = objectAt(data, family);
    const literal = [...members].filter(([key]) => key.startsWith(`${family}.`));
    const all = [
      ...(nested === undefined ? [] : membersOf(nested)),
      ...literal.map(([key, value]): Member => [key.slice(family.length + 1), value]),
    ].filter(([, value]) => value.startsWith('{'));
    return all.length === 0 ? [] : [[family, objectText(all)]];
  });
}

function otherMembers(type: string, data: string): Member[] {
  const errors = textAt(data, 'errors') ?? '[]';
  const first = textAt(errors, 0);
  const log = textAt(data, 'log');
  const hasLog = type.startsWith('system.') && log !== undefined && /^["{]/.test(log);
  return present([
    ['args', type === 'server.created' ? objectAt(data, 'args') : undefined],
    ['allocation', type === 'server.created' ? objectAt(data, 'allocation') : undefined],
    ['log', hasLog ? log : undefined],
    ['error', first !== undefined && /^["{]/.test(first) ? first : undefined],
    ['errors', first === undefined ? undefined : errors],
  ]);
}

function present(members: readonly (readonly [string, string | undefined])[]): Member[] {
  return members.filter((member): member is Member => member[1] !== undefined);
}
