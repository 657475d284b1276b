import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inboxPrefix } from '@hookline/contracts';
import { readEndpoints } from '@hookline/local-stack';
import { tempDir } from '@hookline/testing';
import { handleOf, startTestStack, type TestStack } from './stack.ts';

/** The data folder of the stack that the test run has started for all files that share one. */
export const SHARED_STACK_VARIABLE = 'HOOKLINE_TEST_STACK';

/** Limits of requests are for programs that have gone wild, and some tests are. */
const ENVIRONMENT = { HOOKLINE_REQUESTS_PER_SECOND: '100000' };

/** A tenant of the test's own, with its keys and an agent `node-1`. */
export interface TenantStack extends TestStack {
  /** The admin key of tenant `default`, who may make tenants. */
  readonly operatorKey: string;
}

/** Starts the stack for those who share it. */
export function startSharedStack(): Promise<TestStack> {
  return startTestStack(ENVIRONMENT);
}

/**
 * The stack that all share, as tenant `default`: for tests that leave that tenant alone, or are the
 * only ones that do not. A file that runs alone gets one of its own.
 */
export async function openSharedStack(): Promise<TestStack> {
  const dataDir = process.env[SHARED_STACK_VARIABLE];
  if (dataDir === undefined) return await startSharedStack();
  const endpoints = await readEndpoints(dataDir);
  if (endpoints === undefined) throw new Error(`no stack runs on ${dataDir}`);
  return handleOf(endpoints, dataDir, async () => {});
}

/** A new tenant of the shared stack, which is what the stack then seems to be of. */
export async function openTenantStack(): Promise<TenantStack> {
  await using owned = new AsyncDisposableStack();
  const shared = owned.use(await openSharedStack());
  const { apiKey: operatorKey } = shared.endpoints;
  const tenant = `test-${randomBytes(6).toString('hex')}`;
  const made = await create(shared, operatorKey, '/v1/tenants', { name: tenant });
  const { key: apiKey } = made.admin_key as { key: string };
  const publisher = { role: 'publisher', name: 'test' };
  const { key: publisherKey } = await create(shared, apiKey, '/v1/keys', publisher);
  const agent = await create(shared, apiKey, '/v1/agents', { host_name: 'node-1' });
  const folder = owned.use(await tempDir('tenant'));
  const natsCreds = join(folder.path, 'node-1.creds');
  await writeFile(natsCreds, String(agent.creds), { mode: 0o600 });
  const endpoints = {
    ...shared.endpoints,
    tenant,
    apiKey,
    publisherKey: String(publisherKey),
    natsCreds,
    natsInboxPrefix: inboxPrefix(tenant, 'node-1'),
  };
  const kept = owned.move();
  return {
    ...handleOf(endpoints, shared.dataDir, () => kept.disposeAsync()),
    operatorKey,
  };
}

async function create(
  stack: TestStack,
  key: string,
  path: string,
  body: object,
): Promise<Record<string, unknown>> {
  const response = await stack.rest(path, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { authorization: `Bearer ${key}` },
  });
  const text = await response.text();
  if (response.status !== 201) throw new Error(`${path} answered ${response.status}: ${text}`);
  return JSON.parse(text) as Record<string, unknown>;
}
