import { type AcceptedEvent, formatSequence, newId } from '@hookline/contracts';
import { getFormat } from '@hookline/webhook-formats';
import { generateSecret } from '@hookline/webhook-signature';
import { unlessInterrupted } from '../demo/interruption.ts';
import type { Flow } from './flow.ts';
import { sampleData } from './sample.ts';

/** As many at a time as the dispatcher sends to one endpoint. */
export const RAW_CONCURRENCY = 64;

/** Signed POSTs per second of a loop that does nothing else, with a webhook's body and headers. */
export async function measureRawLoop(flow: Flow, seconds: number): Promise<number> {
  const event = sampleEvent();
  const secret = generateSecret();
  const target = {
    subscriptionId: newId('sub'),
    hookId: 1,
    options: {},
    secrets: [secret],
    controlDomain: '',
    controlName: '',
    controlSupportLink: '',
  };
  const rendered = getFormat('standard')?.render(event, target);
  if (rendered === undefined) throw new Error('the format standard cannot tell the sample event');
  const posted = flow.rawLoop.next('posted');
  flow.rawLoop.send({
    kind: 'post',
    url: flow.sinkUrl,
    body: rendered.body,
    headers: {
      'content-type': rendered.contentType,
      'user-agent': 'Hookline/raw-loop',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00',
      'hookline-event-id': event.id,
      'hookline-subscription-id': target.subscriptionId,
      'hookline-sequence': formatSequence(event.sequence),
      'hookline-attempt': '1',
    },
    secret,
    concurrency: RAW_CONCURRENCY,
    durationMs: seconds * 1000,
  });
  const { count, elapsedMs } = await unlessInterrupted(posted, flow.signal);
  return (count * 1000) / elapsedMs;
}

function sampleEvent(): AcceptedEvent {
  return {
    id: newId('evt'),
    tenant: 'default',
    position: 1n,
    source: '/hosts/node-1',
    type: 'server.started',
    time: new Date().toISOString(),
    recordedAt: new Date(),
    subject: 'srv_00001',
    phase: 'post',
    status: 'success',
    sequence: 1n,
    extensions: {},
    data: sampleData({ server: 1, publishedUs: 0 }),
  };
}
