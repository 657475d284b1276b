import type { AcceptedEvent } from '@hookline/contracts';
import type { FormatTarget } from './format.ts';

/** For tests: the event of CDHosting's page, as an agent published it, with changes. */
export function sampleEvent(change: Partial<AcceptedEvent> = {}): AcceptedEvent {
  return {
    id: 'evt_01jhm3k0gcf0fr2q3n3zt4c6x7',
    tenant: 'default',
    position: 42n,
    source: '/hosts/node-1',
    type: 'server.started',
    time: '2025-01-15T10:30:00Z',
    recordedAt: new Date('2025-01-15T10:30:01.500Z'),
    subject: 'srv_abc123',
    phase: 'post',
    status: 'success',
    sequence: 7n,
    extensions: {},
    data: '{"server_id":"srv_abc123","name":"production-web-01","status":"running","ip":"192.168.1.100"}',
    ...change,
  };
}

/** For tests: the same event before it happened. */
export function sampleEventBefore(change: Partial<AcceptedEvent> = {}): AcceptedEvent {
  const { status: _, ...before } = sampleEvent({ phase: 'pre', ...change });
  return before;
}

/** For tests: a target with its options. */
export function sampleTarget(change: Partial<FormatTarget> = {}): FormatTarget {
  return {
    subscriptionId: 'sub_01jhm3k0gcf0fr2q3n3zt4c6x7',
    hookId: 12,
    options: {},
    secrets: ['your_webhook_secret'],
    controlDomain: 'cp.example.com',
    controlName: 'Example Cloud',
    controlSupportLink: 'https://example.com/support',
    ...change,
  };
}
