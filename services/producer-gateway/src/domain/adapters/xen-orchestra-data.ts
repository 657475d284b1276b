import { objectText, type Phase } from '@hookline/contracts';
import { scalarJson, scalarOf, textAt } from './json-path.ts';
import { statusAfter } from './server-status.ts';

type Member = readonly [string, string];

/** A call of Xen Orchestra's API, as far as its canonical data depend on it. */
export interface XenOrchestraEvent {
  readonly type: string;
  readonly method: string;
  readonly phase: Phase;
  readonly failed: boolean;
  /** JSON text of the call's parameters. */
  readonly params: string;
  /** JSON text of the whole request. */
  readonly body: string;
}

/** Canonical data of a call, and the id of what it is about. */
export interface CanonicalCall {
  readonly members: readonly Member[];
  readonly about: string | undefined;
  readonly kind?: 'user' | 'hypervisor';
}

/** Calls that make what they are about: its id is their result, and before them there is none. */
const MAKES = new Set(['server.created', 'user.created']);

/** The canonical members of a call, ids and all else in their own spelling. */
export function canonicalFromCall(event: XenOrchestraEvent): CanonicalCall {
  const { type, method, body } = event;
  const id = MAKES.has(type) ? scalarJson(textAt(body, 'result')) : idParameter(event);
  const about = scalarOf(id);
  const happened = happening(event);
  if (type.startsWith('user.')) {
    return { members: [...userMembers(event, id), ...happened], about, kind: 'user' };
  }
  if (type.startsWith('hypervisor.')) {
    const hypervisor = id === undefined ? [] : [['hypervisor', `{"id":${id}}`] as const];
    return { members: [...hypervisor, ...happened], about, kind: 'hypervisor' };
  }
  if (method.startsWith('backupNg.')) {
    return backupOf(event, happened);
  }
  if (!type.startsWith('server.') && !method.startsWith('vm.')) return { members: happened, about };
  return { members: [...serverMembers(event, id), ...happened], about };
}

/** Methods name the same thing by other parameters. */
function idParameter({ params, type }: XenOrchestraEvent): string | undefined {
  const names = type.startsWith('hypervisor.') ? ['id', 'host'] : ['id', 'vm'];
  for (const name of names) {
    const found = scalarJson(textAt(params, name));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A job over one server is about it; over several, about none of them. */
function backupOf({ params }: XenOrchestraEvent, happened: readonly Member[]): CanonicalCall {
  const only = textAt(params, 'vms', 1) === undefined ? textAt(params, 'vms', 0) : undefined;
  const server = scalarJson(only);
  const job = scalarJson(textAt(params, 'id'));
  const backup = job === undefined ? [] : [['backup', `{"job":${job}}`] as const];
  const about = server === undefined ? [] : [['server_id', server] as const];
  return { members: [...about, ...backup, ...happened], about: scalarOf(server) };
}

function serverMembers(event: XenOrchestraEvent, id: string | undefined): Member[] {
  const { type, phase, failed, params, body } = event;
  const after = phase === 'post' && !failed ? statusAfter(type) : undefined;
  const parameter = (name: string) => scalarJson(textAt(params, name));
  const isSnapshot = type.startsWith('server.snapshot.');
  const named = parameter('name_label') ?? parameter('name');
  const snapshot = present([
    ['id', parameter('snapshot') ?? scalarJson(textAt(body, 'result'))],
    ['name', parameter('name')],
  ]);
  const target = parameter('targetHost') ?? parameter('host');
  const isMigration = /^server\.migrat/.test(type);
  const disk = parameter('vdi');
  const media = parameter('cd_id');
  return present([
    ['server_id', id],
    ['name', isSnapshot ? undefined : named],
    ['status', after && JSON.stringify(after)],
    ['snapshot', isSnapshot && snapshot.length > 0 ? objectText(snapshot) : undefined],
    ['migration', isMigration && target !== undefined ? `{"to":{"id":${target}}}` : undefined],
    [
      'device',
      type.startsWith('server.device.') && disk !== undefined
        ? `{"id":${disk},"kind":"disk"}`
        : undefined,
    ],
    ['media', media === undefined ? undefined : `{"id":${media}}`],
  ]);
}

function userMembers({ params }: XenOrchestraEvent, id: string | undefined): Member[] {
  const email = scalarJson(textAt(params, 'email'));
  const name = scalarJson(textAt(params, 'name'));
  return present([
    ['id', id],
    ['name', name],
    ['email', email],
  ]);
}

/** How long the call took, and what went wrong: the code and the message, not the rest. */
function happening({ phase, failed, body }: XenOrchestraEvent): Member[] {
  if (phase === 'pre') return [];
  const duration = textAt(body, 'duration');
  const error = textAt(body, 'error');
  const parts = present([
    ['code', scalarJson(textAt(error ?? '', 'code'))],
    ['message', scalarJson(textAt(error ?? '', 'message'))],
  ]);
  const told = parts.length > 0 ? objectText(parts) : scalarJson(error);
  return present([
    ['duration', duration !== undefined && /^\d/.test(duration) ? duration : undefined],
    ['error', failed ? told : undefined],
  ]);
}

function present(members: readonly (readonly [string, string | undefined])[]): Member[] {
  return members.filter((member): member is Member => member[1] !== undefined);
}
