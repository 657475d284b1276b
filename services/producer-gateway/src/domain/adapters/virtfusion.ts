import {
  ContractError,
  canonicalFromVirtfusion,
  type EventStatus,
  membersOf,
} from '@hookline/contracts';
import { attribute, given, subjectOf, timeOf } from './attributes.ts';
import {
  type Adapted,
  type AdapterDraft,
  type AdapterRequest,
  adapted,
  bodyObject,
  dataWithSource,
  redactedText,
} from './draft.ts';
import { objectAt, scalarOf, textAt } from './json-path.ts';
import { canonicalFromVirtfusionData } from './virtfusion-data.ts';

/**
 * A request of VirtFusion as the event it tells. What the body lacks is taken from the
 * `X-VirtFusion-*` headers. The type is found by the event's name, or by its number when it has no
 * name; one that the catalogue does not know is `virtfusion.<name>`.
 *
 * A status other than `success` and `fail` is a failure when it reads as one or errors are listed.
 *
 * VirtFusion has no id of a delivery and promises no retry; a repeat is known by the hook, the event,
 * its status, the microsecond of `created` and what it is about. Without `created` nothing tells a
 * repeat from another event.
 */
export function adaptVirtfusion(request: AdapterRequest): Adapted {
  return adapted(() => [draftOf(request)]);
}

function draftOf(request: AdapterRequest): AdapterDraft {
  bodyObject(request);
  const body = redactedText(request);
  const members = membersOf(body);
  const read = (member: string, header: string) =>
    attribute(scalarOf(members.get(member)) ?? request.headers[`x-virtfusion-${header}`]);
  const number = read('hookEventId', 'hook-event');
  const name = read('event', 'event') ?? number;
  if (name === undefined) {
    const reason = 'event is missing; send the name of the event, for instance "server.boot"';
    throw new ContractError('missing_field', reason, 'event');
  }
  const type = canonicalFromVirtfusion(name);
  const data = objectAt(body, 'data') ?? '{}';
  const eventStatus = read('eventStatus', 'event-status');
  const status = statusOf(eventStatus, data);
  const subject = aboutOf(type, data);
  const created = read('created', 'created');
  const time = timeOf(created);
  const hook = read('hookId', 'hook') ?? '';
  const errors = textAt(data, 'errors', 0);
  const canonical = canonicalFromVirtfusionData({ type, status, data });
  return {
    type,
    source: sourceOf(attribute(scalarOf(members.get('controlDomain')), 256)),
    ...(time !== undefined && { time }),
    ...(subject !== undefined && { subject }),
    phase: 'post',
    status,
    extensions: given({
      sourcetype: name,
      reason: status === 'fail' ? attribute(scalarOf(errors)) : undefined,
    }),
    data: dataWithSource(canonical, body),
    ...(created !== undefined && {
      sourceId: JSON.stringify([hook, number ?? name, eventStatus ?? '', created, subject ?? '']),
    }),
  };
}

function sourceOf(controlDomain: string | undefined): string {
  return controlDomain === undefined ? '/virtfusion' : `/virtfusion/${controlDomain}`;
}

function statusOf(eventStatus: string | undefined, data: string): EventStatus {
  if (eventStatus === 'success') return 'success';
  if (eventStatus !== undefined && /^(fail|err)/i.test(eventStatus)) return 'fail';
  return textAt(data, 'errors', 0) === undefined ? 'success' : 'fail';
}

/** The server, else the user, else the hypervisor. */
function aboutOf(type: string, data: string): string | undefined {
  const id = (...path: string[]) =>
    scalarOf(textAt(data, ...path, 'id')) ?? scalarOf(textAt(data, ...path, 'uuid'));
  const user =
    id('user') ??
    id('user', 'after') ??
    id('user.after') ??
    id('user', 'before') ??
    id('user.before');
  const byKind = {
    server: subjectOf(id('server')),
    user: subjectOf(user, 'user'),
    hypervisor: subjectOf(id('hypervisor'), 'hypervisor'),
  };
  if (type.startsWith('user.')) return byKind.user ?? byKind.server;
  if (type.startsWith('hypervisor.')) return byKind.hypervisor ?? byKind.server;
  return byKind.server ?? byKind.user ?? byKind.hypervisor;
}
