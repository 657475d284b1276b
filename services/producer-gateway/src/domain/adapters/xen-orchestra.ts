import {
  ContractError,
  canonicalFromXenOrchestra,
  cleanXenOrchestraCall,
  type Phase,
} from '@hookline/contracts';
import { attribute, given, subjectOf, timeOfMs } from './attributes.ts';
import {
  type Adapted,
  type AdapterDraft,
  type AdapterRequest,
  adapted,
  bodyObject,
  dataWithSource,
} from './draft.ts';
import { objectAt, scalarOf, textAt } from './json-path.ts';
import { canonicalFromCall, type XenOrchestraEvent } from './xen-orchestra-data.ts';

/** The call id of the plugin's test button, the same at every press. */
const TEST_CALL_ID = '0';

/**
 * A request of Xen Orchestra's web-hooks plugin, in its format `json`, as the event it tells. The hook
 * before a call and the one after it are two events, joined by `correlationid`. A call with an `error`
 * failed. A method that the catalogue does not know is `xo.<method>`.
 *
 * A repeat is known by call id, type and time; presses of the test button are each a new event, and
 * their times, which are 0 and 500, are taken for none.
 */
export function adaptXenOrchestra(request: AdapterRequest): Adapted {
  return adapted(() => [draftOf(request)]);
}

function draftOf(request: AdapterRequest): AdapterDraft {
  const value = bodyObject(request);
  if (value['@type'] === 'MessageCard') {
    throw new ContractError(
      'invalid_field',
      'the body is a message card; set the format of the hook to "json" in Xen Orchestra',
      '@type',
    );
  }
  const body = cleanXenOrchestraCall(request.text, request.redact);
  const method = attribute(textField(value, 'method'), 256);
  if (method === undefined) throw missing('method', 'the API method, for instance "vm.start"');
  const phase = phaseOf(value.type);
  const failed = phase === 'post' && value.error !== undefined;
  const params = objectAt(body, 'params') ?? '{}';
  const type = canonicalFromXenOrchestra({ method, phase, failed, params: recordOf(value.params) });
  const event: XenOrchestraEvent = { type, method, phase, failed, params, body };
  const callId = attribute(textField(value, 'callId'), 128);
  const time = timeOfMs(value.timestamp);
  const { members, about, kind } = canonicalFromCall(event);
  const subject = subjectOf(about, kind);
  return {
    type,
    source: '/xen-orchestra',
    ...(time !== undefined && { time }),
    ...(subject !== undefined && { subject }),
    phase,
    ...(phase === 'post' && { status: failed ? 'fail' : 'success' }),
    extensions: given({
      actor: 'api',
      correlationid: callId,
      sourcetype: method,
      authid: attribute(textField(value, 'userId')),
      username: attribute(textField(value, 'userName')),
      reason: failed ? reasonOf(body) : undefined,
    }),
    data: dataWithSource(members, body),
    ...(callId !== undefined &&
      callId !== TEST_CALL_ID && {
        sourceId: JSON.stringify([callId, phase, textAt(body, 'timestamp') ?? '']),
      }),
  };
}

function phaseOf(type: unknown): Phase {
  if (type === 'pre' || type === 'post') return type;
  throw new ContractError('invalid_field', 'type is neither "pre" nor "post"; send one', 'type');
}

function reasonOf(body: string): string | undefined {
  return attribute(scalarOf(textAt(body, 'error', 'message')) ?? scalarOf(textAt(body, 'error')));
}

function textField(value: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const content = value[name];
  if (typeof content === 'string') return content;
  return typeof content === 'number' ? String(content) : undefined;
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function missing(field: string, what: string): ContractError {
  return new ContractError('missing_field', `${field} is missing; send ${what}`, field);
}
