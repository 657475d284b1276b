import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AdapterDraft } from './draft.ts';
import { adaptProxmox, PROXMOX_TEMPLATE } from './proxmox.ts';

interface Notification {
  readonly title?: string;
  readonly message?: string;
  readonly severity?: string;
  readonly timestamp?: number;
  readonly fields?: Readonly<Record<string, string>>;
}

/** The template as Proxmox fills it in: `escape` is for within a JSON text, `json` for a whole value. */
function templated(notification: Notification): string {
  const { title = 'A title', message = 'Line 1\n"Line 2"', severity = 'info' } = notification;
  const { timestamp = 1_736_937_000, fields = {} } = notification;
  const escaped = (text: string) => JSON.stringify(text).slice(1, -1);
  return PROXMOX_TEMPLATE.replace('{{ escape title }}', () => escaped(title))
    .replace('{{ escape message }}', () => escaped(message))
    .replace('{{ severity }}', severity)
    .replace('{{ timestamp }}', String(timestamp))
    .replace('{{ json fields }}', () => JSON.stringify(fields));
}

const adapt = (text: string) =>
  adaptProxmox({ headers: {}, text, value: JSON.parse(text) as unknown });

function draft(notification: Notification) {
  const text = templated(notification);
  const result = adapt(text);
  assert.equal(result.kind, 'drafts', JSON.stringify(result));
  const [only] = (result as { drafts: readonly AdapterDraft[] }).drafts;
  assert.ok(only);
  return { ...only, text, parsed: JSON.parse(only.data) as Record<string, unknown> };
}

const of = (type: string, more: Record<string, string> = {}) => ({
  fields: { type, hostname: 'pve1', ...more },
});

test('a finished backup is server.backup.completed, with the original under source', () => {
  const { parsed: _, text, sourceId, ...rest } = draft(of('vzdump', { 'job-id': 'backup-1' }));
  assert.deepEqual(rest, {
    type: 'server.backup.completed',
    source: '/proxmox/pve1',
    time: '2025-01-15T10:30:00.000Z',
    phase: 'post',
    status: 'success',
    extensions: { actor: 'host', sourcetype: 'vzdump' },
    data: `{"hypervisor":{"name":"pve1"},"backup":{"job":"backup-1"},"source":${text}}`,
  });
  assert.match(String(sourceId), /^[0-9a-f]{64}$/);
  assert.equal(draft(of('vzdump', { vmid: '100' })).subject, '100');
});

test('severity error is a failure that says why; a warning is none', () => {
  const failed = draft({ ...of('vzdump'), severity: 'error', title: 'vzdump backup failed' });
  assert.equal(failed.status, 'fail');
  assert.equal(failed.extensions.reason, 'vzdump backup failed');
  assert.equal(failed.parsed.error, 'vzdump backup failed');
  assert.equal(draft({ ...of('vzdump'), severity: 'warning' }).status, 'success');
  assert.equal(draft({ ...of('replication'), severity: 'error' }).status, 'fail');
});

test('a fencing is about its node, and came true', () => {
  const fenced = draft({ ...of('fencing'), severity: 'error' });
  assert.deepEqual(
    [fenced.type, fenced.status, fenced.subject, fenced.parsed.hypervisor],
    ['hypervisor.fenced', 'success', 'hypervisor/pve1', { name: 'pve1' }],
  );
});

test('other types are carried through, and the test button is proxmox.notification', () => {
  assert.equal(draft(of('package-updates')).type, 'proxmox.package_updates');
  assert.equal(draft(of('replication')).type, 'proxmox.replication');
  assert.equal(draft(of('system-mail')).type, 'proxmox.system_mail');
  assert.equal(draft({}).type, 'proxmox.notification');
  assert.equal(draft({ fields: { type: '' } }).type, 'proxmox.notification');
});

test('fields may also stand beside the title, and a time may be text', () => {
  const result = adapt('{"type":"vzdump","hostname":"pve2","title":"x","timestamp":"1736937000"}');
  assert.equal(result.kind, 'drafts');
  const [only] = result.kind === 'drafts' ? result.drafts : [];
  assert.deepEqual(
    [only?.type, only?.source, only?.time],
    ['server.backup.completed', '/proxmox/pve2', '2025-01-15T10:30:00.000Z'],
  );
});

test('a repeat has the same source id; without a time nothing tells a repeat', () => {
  assert.equal(draft(of('vzdump')).sourceId, draft(of('vzdump')).sourceId);
  assert.notEqual(
    draft({ ...of('vzdump'), timestamp: 1_736_937_001 }).sourceId,
    draft(of('vzdump')).sourceId,
  );
  assert.equal(draft({ timestamp: 0 }).sourceId, undefined);
});

test('another template is a fault that says which one to set', () => {
  const result = adapt('{"text":"hello"}');
  assert.equal(result.kind, 'fault');
  assert.ok(result.kind === 'fault' && result.reason.includes(PROXMOX_TEMPLATE));
  assert.equal(adapt('[]').kind, 'fault');
});
