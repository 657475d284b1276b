import { createHash } from 'node:crypto';
import {
  ContractError,
  carriedThroughType,
  type EventStatus,
  membersOf,
} from '@hookline/contracts';
import { attribute, given, subjectOf, timeOf, timeOfMs } from './attributes.ts';
import {
  type Adapted,
  type AdapterDraft,
  type AdapterRequest,
  adapted,
  bodyObject,
  dataWithSource,
  redactedText,
} from './draft.ts';
import { scalarJson, scalarOf, textAt } from './json-path.ts';

/** The body to be set for the webhook target in Proxmox VE, under Datacenter, Notifications. */
export const PROXMOX_TEMPLATE =
  '{"title":"{{ escape title }}","message":"{{ escape message }}","severity":"{{ severity }}","timestamp":{{ timestamp }},"fields":{{ json fields }}}';

/** What Proxmox's own types are here; others, replication and updates among them, are `proxmox.<type>`. */
const TYPES: Readonly<Record<string, string>> = {
  vzdump: 'server.backup.completed',
  fencing: 'hypervisor.fenced',
};

/**
 * A notification of Proxmox VE, templated as {@link PROXMOX_TEMPLATE}, as the event it tells. Severity
 * `error` is a failure, but of a fencing, which is bad news that came true. A notification without
 * a type is the test button's: `proxmox.notification`.
 *
 * A backup job is one notification whatever number of guests it was about: it has a subject only
 * where the fields name a guest. A repeat is known by the whole body, which holds the second.
 */
export function adaptProxmox(request: AdapterRequest): Adapted {
  return adapted(() => [draftOf(request)]);
}

function draftOf(request: AdapterRequest): AdapterDraft {
  bodyObject(request);
  const body = redactedText(request);
  if (!membersOf(body).has('title') && !membersOf(body).has('message')) {
    const reason = `title and message are missing; set the body of the target to ${PROXMOX_TEMPLATE}`;
    throw new ContractError('missing_field', reason, 'title');
  }
  const field = (name: string) => textAt(body, 'fields', name) ?? textAt(body, name);
  const name = attribute(scalarOf(field('type')), 128);
  const type = typeOf(name);
  const severity = scalarOf(textAt(body, 'severity'));
  const status: EventStatus =
    severity === 'error' && type !== 'hypervisor.fenced' ? 'fail' : 'success';
  const host = scalarJson(field('hostname'));
  const guest = scalarJson(field('vmid'));
  const subject = type.startsWith('hypervisor.')
    ? subjectOf(scalarOf(host), 'hypervisor')
    : subjectOf(scalarOf(guest));
  const stamp = textAt(body, 'timestamp');
  const time = timeFrom(stamp);
  const title = scalarOf(textAt(body, 'title'));
  return {
    type,
    source: host === undefined ? '/proxmox' : `/proxmox/${attribute(scalarOf(host), 128)}`,
    ...(time !== undefined && { time }),
    ...(subject !== undefined && { subject }),
    phase: 'post',
    status,
    extensions: given({
      actor: 'host',
      sourcetype: name,
      reason: status === 'fail' ? attribute(title) : undefined,
    }),
    data: dataWithSource(
      [
        ...membersOfNotification({ type, guest, host, job: scalarJson(field('job-id')) }),
        ...(status === 'fail' && title !== undefined
          ? [['error', JSON.stringify(title)] as const]
          : []),
      ],
      body,
    ),
    ...(time !== undefined && { sourceId: hashOf(request.text) }),
  };
}

function typeOf(name: string | undefined): string {
  if (name === undefined) return 'proxmox.notification';
  return Object.hasOwn(TYPES, name) ? (TYPES[name] ?? '') : carriedThroughType('proxmox', name);
}

function membersOfNotification(known: {
  readonly type: string;
  readonly guest: string | undefined;
  readonly host: string | undefined;
  readonly job: string | undefined;
}): [string, string][] {
  const { type, guest, host, job } = known;
  return [
    ...(guest === undefined ? [] : [['server_id', guest] as [string, string]]),
    ...(host === undefined ? [] : [['hypervisor', `{"name":${host}}`] as [string, string]]),
    ...(job === undefined || type !== 'server.backup.completed'
      ? []
      : [['backup', `{"job":${job}}`] as [string, string]]),
  ];
}

/** Seconds since 1970, as a number or a text, or RFC 3339. */
function timeFrom(stamp: string | undefined): string | undefined {
  const text = scalarOf(stamp);
  return text !== undefined && /^\d+$/.test(text) ? timeOfMs(Number(text) * 1000) : timeOf(text);
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
