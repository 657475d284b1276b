import { type AcceptedEvent, eventTypes, exampleEventData } from '@hookline/contracts';
import type { WebhookFormat } from '../format.ts';
import { sampleEvent, sampleEventBefore, sampleTarget } from '../sample-event.ts';

/** For tests: an event under a name that says what it is an example of. */
export interface GoldenCase {
  readonly name: string;
  readonly event: AcceptedEvent;
}

const VIRTFUSION_ORIGINAL =
  '{"event":"server.build","created":"2023-04-07T07:18:15.316192Z","hookId":3,"hookEventId":3,"eventStatus":"fail","controlDomain":"cp.vendor.test","controlName":"VF","controlSupportLink":"https://vf.test","data":{"server":{"id":17,"name":"vm","settings":{"encryptedPassword":"eyJpdiI6","memory":1024},"media":false,"traffic":1.0},"errors":["no template"]}}';
const CALL =
  '"callId":"k9x2","userId":"b4tm4n","userName":"bruce.wayne@waynecorp.com","userIp":"::1","method":"vm.recoveryStart","params":{"id":"67aac198-0174-11ea-8d71-362b9e155667"}';

const SUBJECTS: Readonly<Record<string, string>> = {
  user: 'user/9',
  hypervisor: 'hypervisor/1',
  billing: 'user/9',
  system: 'system',
};

const started = (change: Parameters<typeof sampleEvent>[0]) => sampleEvent(change);

/** For tests: every canonical type as it went well, then what is special. */
export const goldenCases: readonly GoldenCase[] = [
  ...eventTypes.map(({ type }) => ({
    name: type,
    event: sampleEvent({
      type,
      subject: SUBJECTS[type.split('.')[0] ?? ''] ?? 'srv_abc123',
      data: JSON.stringify(exampleEventData(type)),
    }),
  })),
  {
    name: 'server.started that failed',
    event: started({
      status: 'fail',
      extensions: { reason: 'no memory', username: 'ops@example.com', authid: 'u1', actor: 'api' },
    }),
  },
  { name: 'server.started before it happens', event: sampleEventBefore() },
  {
    name: 'user.created that failed',
    event: sampleEvent({ type: 'user.created', status: 'fail', data: '{"id":9}' }),
  },
  {
    name: 'a type of the tenant’s own',
    event: sampleEvent({ type: 'acme.special', data: '{"a":1.0}' }),
  },
  { name: 'a ping', event: sampleEvent({ type: 'hookline.ping', data: '{}' }) },
  {
    name: 'an original of VirtFusion',
    event: sampleEvent({
      type: 'server.built',
      status: 'fail',
      subject: '17',
      source: '/virtfusion/cp.vendor.test',
      time: '2023-04-07T07:18:15.316192Z',
      data: `{"server_id":17,"name":"vm","source":${VIRTFUSION_ORIGINAL}}`,
      extensions: { sourcetype: 'server.build' },
    }),
  },
  {
    name: 'an original of Xen Orchestra before the call',
    event: sampleEventBefore({
      data: `{"server_id":"67aac198","source":{"type":"pre",${CALL},"timestamp":1736937000123}}`,
    }),
  },
  {
    name: 'an original of Xen Orchestra after a call that failed',
    event: sampleEvent({
      status: 'fail',
      data: `{"server_id":"67aac198","source":{"type":"post",${CALL},"timestamp":1736937000935,"duration":812,"error":{"code":2,"message":"no host","stack":"at /opt/xo"}}}`,
    }),
  },
];

const OPTIONS: Readonly<Record<string, Record<string, string>>> = {
  telegram: { chat_id: '-1001234567890' },
  pushover: { user: 'uQiRzpo4DXghDmr9QzzfQu27cmVRsG' },
};

/** For tests: what a format sends for every case, as text: name, headers, body. */
export function goldenText(format: WebhookFormat): string {
  const options = OPTIONS[format.name] ?? {};
  const target = sampleTarget({ options, credential: 'azGDORePK8gMaC0QOYAMyEEuzJnyUi' });
  const parts = goldenCases.map(({ name, event }) => {
    const rendered = format.render(event, target);
    if (rendered === undefined) return `# ${name}\nnot sent\n`;
    const headers = { 'content-type': rendered.contentType, ...rendered.headers };
    const lines = Object.entries(headers).map(([header, value]) => `${header}: ${value}`);
    return `# ${name}\n${lines.join('\n')}\n${rendered.body}\n`;
  });
  return parts.join('\n');
}
