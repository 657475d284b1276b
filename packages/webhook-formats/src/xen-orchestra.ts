import {
  type AcceptedEvent,
  carriedThroughType,
  checkTypePattern,
  createRedaction,
  membersOf,
  objectText,
  type Phase,
  withoutStack,
  type XenOrchestraCall,
  xenOrchestraFromCanonical,
} from '@hookline/contracts';
import { canonicalView, type FilterView, oncePerEvent, type WebhookFormat } from './format.ts';
import { timeMs } from './times.ts';
import { xenOrchestraOriginal } from './xen-orchestra-original.ts';

/**
 * The body of Xen Orchestra's web-hooks plugin: `{"type":"pre" or "post","callId","userId",
 * "userName","method","params","timestamp","duration","result" or "error"}`, the last two on post.
 *
 * What came from Xen Orchestra goes out as it stood, but for the stack of an error, which tells
 * strangers about the machine. Anything else is built as the call that would have had this effect;
 * an event that no call has goes out with its own name as the method.
 */
export const xenOrchestra: WebhookFormat = {
  name: 'xen-orchestra',
  audience: 'program',
  options: [],
  render: (event) => ({
    body: xenOrchestraBody(event),
    contentType: 'application/json',
    headers: {},
  }),
  filterViews: (event): FilterView[] => {
    const view = canonicalView(event);
    if (event.type.startsWith('hookline.')) return [view];
    const call = callOf(event);
    if (call.phase === 'pre') return [view, { name: call.method, phase: 'pre' }];
    const status = call.failed ? 'fail' : 'success';
    return [view, { name: call.method, phase: 'post', status }];
  },
  // Methods are written in camel case; but for that, they follow the rules of types.
  checkFilterPattern: (pattern) => checkTypePattern(pattern.toLowerCase()),
};

/** The call as which an event goes out. */
interface OutgoingCall {
  readonly method: string;
  readonly phase: Phase;
  readonly failed: boolean;
  /** Parameters by which the method is told from another meaning of it. */
  readonly params: Readonly<Record<string, boolean>>;
}

const callOf = oncePerEvent((event: AcceptedEvent): OutgoingCall => {
  const original = xenOrchestraOriginal(event);
  if (original !== undefined) return { ...original, params: {} };
  const { type, status, extensions } = event;
  const calls = xenOrchestraFromCanonical(type);
  const call: XenOrchestraCall = calls.find(({ method }) => method === extensions.sourcetype) ??
    calls[0] ?? { method: carriedMethod(event) };
  // A migration that started is the hook before the call, though it is a fact by then.
  const happened = event.phase === 'post' && (status === 'fail' || call.phase !== 'pre');
  return {
    method: call.method,
    phase: happened ? 'post' : 'pre',
    failed: happened && (status === 'fail' || call.failed === true || type === 'server.error'),
    params: call.params ?? {},
  };
});

function carriedMethod({ type, extensions }: AcceptedEvent): string {
  const method = extensions.sourcetype;
  if (method !== undefined && carriedThroughType('xo', method) === type) return method;
  return type.startsWith('xo.') ? type.slice('xo.'.length) : type;
}

/** The body of an event, which the message card of format office365 is made of as well. */
export const xenOrchestraBody = oncePerEvent((event: AcceptedEvent): string => {
  const original = xenOrchestraOriginal(event);
  if (original !== undefined) return original.body;
  const { method, phase, failed, params } = callOf(event);
  const data = membersOf(event.data);
  const { extensions } = event;
  const members: [string, string][] = [
    ['type', JSON.stringify(phase)],
    ['callId', JSON.stringify(extensions.correlationid ?? event.id)],
    ['userId', JSON.stringify(extensions.authid ?? '')],
    ['userName', JSON.stringify(extensions.username ?? '')],
    ['method', JSON.stringify(method)],
    ['params', paramsText(event, params)],
    ['timestamp', String(timeMs(event))],
  ];
  if (phase === 'post') {
    const duration = data.get('duration') ?? '';
    members.push(['duration', /^\d/.test(duration) ? duration : '0']);
    members.push(failed ? ['error', errorText(event, data)] : ['result', resultText(event, data)]);
  }
  return objectText(members);
});

/** Members of canonical data that a call tells outside of its parameters, or by `id`. */
const NOT_PARAMETERS = new Set([
  'id',
  'server_id',
  'source',
  'duration',
  'result',
  'error',
  'errors',
]);

/** The parameters of a built call: what it is about as `id`, then the canonical data. */
function paramsText(event: AcceptedEvent, fixed: Readonly<Record<string, boolean>>): string {
  const data = membersOf(event.data);
  const id = idText(event, data);
  const params = new Map<string, string>();
  if (id !== undefined) params.set('id', id);
  for (const [key, value] of Object.entries(fixed)) params.set(key, String(value));
  for (const [key, value] of data) {
    if (!NOT_PARAMETERS.has(key) && !params.has(key)) params.set(key, value);
  }
  return obfuscated(objectText(params));
}

/** What a call is about: the id that canonical data have for it, else the event's subject. */
function idText({ type, subject }: AcceptedEvent, data: ReadonlyMap<string, string>) {
  const about = data.get(type.startsWith('hypervisor.') ? 'hypervisor' : 'after') ?? '';
  return (
    data.get('server_id') ??
    data.get('id') ??
    membersOf(about).get('id') ??
    (subject === undefined ? undefined : JSON.stringify(subject))
  );
}

/** Calls that make something answer with its id, as a text; others with true when they say nothing. */
function resultText(event: AcceptedEvent, data: ReadonlyMap<string, string>): string {
  const given = data.get('result');
  if (given !== undefined) return given;
  const made: Readonly<Record<string, string | undefined>> = {
    'server.created': idText(event, data),
    'user.created': idText(event, data),
    'server.snapshot.created': membersOf(data.get('snapshot') ?? '').get('id'),
  };
  const id = made[event.type];
  if (id === undefined) return 'true';
  return id.startsWith('"') ? id : JSON.stringify(id);
}

/** Secrets among parameters are hidden with Xen Orchestra's own words. */
const obfuscated = createRedaction({ marker: '* obfuscated *' });

function errorText(event: AcceptedEvent, data: ReadonlyMap<string, string>): string {
  const given = data.get('error');
  if (given?.startsWith('{')) return withoutStack(given);
  const message = given?.startsWith('"')
    ? given
    : JSON.stringify(event.extensions.reason ?? `${event.type} failed`);
  return objectText([
    ['message', message],
    ['name', '"Error"'],
  ]);
}
