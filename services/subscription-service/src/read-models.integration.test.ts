import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AgentCredential, ApiKey, Role, Tenant, TenantQuotas } from '@hookline/contracts';
import { openTenantSealer } from '@hookline/credentials';
import { foldEvents, type LoggedEvent, readStreamEvents } from '@hookline/event-log';
import { type AgentCredentialEvent, agentCredentialDecider } from './domain/agent-credential.ts';
import { type ApiKeyEvent, apiKeyDecider } from './domain/api-key.ts';
import { type TenantEvent, tenantDecider } from './domain/tenant.ts';
import { type AggregatePlace, sealedFieldsCodec, streamOf } from './postgres/sealed-fields.ts';
import { settingsOfRow } from './postgres/tenant-rows.ts';
import { masterKey, startTestService } from './test-service.ts';

test('P8 tenants, API keys and agent credentials are folds of the log, those of the first start and of a deleted tenant too', async () => {
  await using running = await startTestService();
  const { authorityPath } = running.nats;
  await using agents = await running.start({ HOOKLINE_NATS_AUTHORITY: authorityPath });
  const operator = running.asOperator;
  for (const name of ['kept', 'gone']) {
    const quotas = { ...TenantQuotas.create(), credentialsMax: 9n, requestsPerSecondMax: 1500.5 };
    const { tenant, as } = await running.tenant(name, { contacts: ['a@example.com'], quotas });
    const apiKey = { ...ApiKey.create(), role: Role.ROLE_VIEWER, name: 'viewer' };
    const made = await running.admin.createApiKey({ apiKey, requestId: '' }, as);
    await running.admin.revokeApiKey({ id: made.apiKey?.id ?? '', reason: '' }, as);
    const wanted = { ...AgentCredential.create(), hostName: 'a.b', description: 'rack 3' };
    const agent = { agentCredential: wanted, requestId: '' };
    await agents.admin.createAgentCredential(agent, as);
    const change = { ...Tenant.create(), id: tenant.id, controlName: 'later' };
    await running.admin.updateTenant({ tenant: change, updateMask: undefined }, as);
    const deletion = { id: tenant.id, confirmName: 'gone', etag: '' };
    if (name === 'gone') await agents.admin.deleteTenant(deletion, operator);
  }
  const { kysely, pool } = running.database;
  const query = async (text: string, values: unknown[]) => (await pool.query(text, values)).rows;
  const sealer = await openTenantSealer({ masterKey, olderKeys: [], query });
  await sealer.ready(['default', 'kept', 'gone']);
  const eventsOf = async <E extends { readonly type: string }>(place: AggregatePlace) => {
    const events = await readStreamEvents(pool, { stream: streamOf(place) });
    const { decode } = sealedFieldsCodec<E>(sealer, place);
    return events.map((event: LoggedEvent) => decode(event));
  };

  const tenants = await kysely.selectFrom('hookline.tenant').selectAll().execute();
  assert.equal(tenants.length, 3);
  for (const row of tenants) {
    const place = { kind: 'tenant', tenant: row.name, id: row.tenant_id } as const;
    const events = await eventsOf<TenantEvent>(place);
    const state = foldEvents(tenantDecider, events);
    assert.ok(state.state !== 'absent');
    assert.equal(state.state, row.deleted_at === null ? 'active' : 'deleted');
    assert.equal(BigInt(events.length), row.version);
    // What is not sealed of a deleted tenant is emptied in the row, and stays in the log.
    if (row.deleted_at === null) assert.deepEqual(state.settings, settingsOfRow(row));
    else assert.deepEqual(state.settings.contacts, []);
  }
  const keys = await kysely.selectFrom('hookline.api_key').selectAll().execute();
  for (const row of keys) {
    const place = { kind: 'api-key', tenant: row.tenant, id: row.key_id } as const;
    const state = foldEvents(apiKeyDecider, await eventsOf<ApiKeyEvent>(place));
    assert.ok(state.state !== 'absent');
    const { name, role, keyHash, prefix, creator } = state;
    assert.deepEqual(
      { name, role, keyHash, prefix, creator, isRevoked: state.state === 'revoked' },
      {
        name: row.name,
        role: row.role,
        keyHash: row.key_hash,
        prefix: row.prefix,
        creator: row.creator,
        isRevoked: row.revoked_at !== null,
      },
    );
  }
  const credentials = await kysely.selectFrom('hookline.agent_credential').selectAll().execute();
  assert.equal(credentials.length, 2);
  for (const row of credentials) {
    const place = { kind: 'agent-credential', tenant: row.tenant, id: row.credential_id } as const;
    const state = foldEvents(agentCredentialDecider, await eventsOf<AgentCredentialEvent>(place));
    assert.ok(state.state !== 'absent');
    assert.deepEqual(
      [state.host, state.hostName, state.description, state.userPublicKey, state.state],
      [
        row.host,
        row.host_name,
        row.description,
        row.user_public_key,
        row.revoked_at === null ? 'working' : 'revoked',
      ],
    );
  }
});
