import {
  type Client,
  credentials,
  Client as GrpcClient,
  Metadata,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import {
  AdminServiceService,
  AgentCredential,
  ApiKey,
  DeadLetterServiceService,
  DeliveryServiceService,
  ListDeadLettersRequest,
  ListDeliveriesRequest,
  ListRejectedRequest,
  newId,
  Role,
  Tenant,
} from '@hookline/contracts';
import { createGrpcClient } from '@hookline/service-runtime';
import { eventually, type Receiver, startReceiver } from '@hookline/testing';
import { openSharedStack } from '../support/shared-stack.ts';
import { connectAgentOf, type TestStack } from '../support/stack.ts';
import { encodeRequest, type Ids, type Port, type WalledMethod } from './methods.ts';

/** How a call ended: its status, and the refusal's words or the answer itself. */
export interface Ending {
  readonly code: status;
  readonly text: string;
}

/** Whose key a call carries; undefined: none. */
export type Key = string | undefined;

export interface World extends AsyncDisposable {
  readonly stack: TestStack;
  readonly keys: Readonly<Record<'operator' | 'admin' | 'editor' | 'viewer' | 'publisher', string>>;
  readonly revoked: string;
  readonly expired: string;
  /** The admin of another tenant, which has nothing. */
  readonly stranger: string;
  /** Of what the tenant has, one of each kind. */
  readonly ids: Ids;
  call(method: WalledMethod, fields: object, key: Key): Promise<Ending>;
}

/** A stream that has not been refused for so long is open. */
const STREAM_MS = 700;

/** Things that never were. */
export function idsOfNothing(): Ids {
  return {
    tenant: 'never-was',
    tenantId: newId('ten'),
    subscription: newId('sub'),
    event: newId('evt'),
    subject: 'srv_never',
    delivery: newId('dlv'),
    deadLetter: newId('dlv'),
    replay: newId('rpl'),
    rejected: newId('rej'),
    key: newId('key'),
    agent: newId('agt'),
  };
}

/** A stack with a tenant that has everything, and another one that has nothing. */
export async function openWorld(): Promise<World> {
  await using owned = new AsyncDisposableStack();
  const stack = owned.use(await openSharedStack());
  const receiver = await startReceiver({
    respond: ({ path }) => (path.includes('gone') ? 410 : 200),
  });
  owned.defer(() => receiver.stop());
  const { grpc } = stack.endpoints;
  const admin = createGrpcClient(AdminServiceService, { address: grpc.subscriptions });
  owned.defer(() => admin.close());
  const asOperator = { apiKey: stack.endpoints.apiKey };
  const makeTenant = async (name: string) => {
    const tenant = { ...Tenant.create(), name };
    const made = await admin.createTenant({ tenant, requestId: '' }, asOperator);
    return { id: made.tenant?.id ?? '', apiKey: made.adminKey?.secret ?? '' };
  };
  const own = await makeTenant('walled');
  const stranger = await makeTenant('strange');
  const makeKey = async (role: Role, expireTime?: Date) => {
    const apiKey = { ...ApiKey.create(), role, name: 'walls', expireTime };
    return (await admin.createApiKey({ apiKey, requestId: '' }, own)).apiKey as ApiKey;
  };
  const [editor, viewer, publisher, revoked] = await Promise.all([
    makeKey(Role.ROLE_EDITOR),
    makeKey(Role.ROLE_VIEWER),
    makeKey(Role.ROLE_PUBLISHER),
    makeKey(Role.ROLE_ADMIN),
  ]);
  const expired = await makeKey(Role.ROLE_ADMIN, new Date(Date.now() + 200));
  await admin.revokeApiKey({ id: revoked.id, reason: '' }, own);
  const keys = {
    operator: stack.endpoints.apiKey,
    admin: own.apiKey,
    editor: editor.secret,
    viewer: viewer.secret,
    publisher: publisher.secret,
  };
  const filled = await fill(stack, receiver, keys);
  const agentCredential = { ...AgentCredential.create(), hostName: 'walled-host' };
  const agent = await admin.createAgentCredential({ agentCredential, requestId: '' }, own);
  const ports = Object.entries(grpc).map(([port, address]): [string, Client] => [
    port,
    owned.adopt(new GrpcClient(address, credentials.createInsecure()), (client) => client.close()),
  ]);
  const clients = Object.fromEntries(ports) as Readonly<Record<Port, Client>>;
  const kept = owned.move();
  return {
    stack,
    keys,
    revoked: revoked.secret,
    expired: expired.secret,
    stranger: stranger.apiKey,
    ids: {
      ...filled,
      tenant: 'walled',
      tenantId: own.id,
      key: editor.id,
      agent: agent.agentCredential?.id ?? '',
    },
    call: (method, fields, key) => call(clients[method.port], { method, fields, key }),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** Has a delivery that succeeded, one that died, and a message that was rejected. */
async function fill(stack: TestStack, receiver: Receiver, keys: World['keys']) {
  const { grpc, ingest } = stack.endpoints;
  const bearer = (key: string) => ({
    authorization: `Bearer ${key}`,
    'content-type': 'application/json',
  });
  const webhook = async (url: string) => {
    const body = JSON.stringify({ url, events: ['server.started'] });
    const headers = bearer(keys.editor);
    const response = await stack.rest('/v1/webhooks', { method: 'POST', body, headers });
    return ((await response.json()) as { id: string }).id;
  };
  const subscription = await webhook(receiver.url);
  const failing = await webhook(`${receiver.url}/gone`);
  const subject = 'srv_walled';
  const published = await fetch(`${ingest}/ingest/events`, {
    method: 'POST',
    headers: bearer(keys.publisher),
    body: JSON.stringify({ type: 'server.started', data: { server_id: subject } }),
  });
  const { ids } = (await published.json()) as { ids: string[] };
  const agent = await connectAgentOf(stack, { tenant: 'walled', host: 'host-1' });
  await agent.request('hv.walled.host-1.server.started', Buffer.from('no json'), {
    timeout: 5_000,
  });
  await agent.close();
  const deliveries = createGrpcClient(DeliveryServiceService, { address: grpc.deliveries });
  const monitor = createGrpcClient(DeadLetterServiceService, { address: grpc.deadLetters });
  const as = { apiKey: keys.viewer };
  try {
    return await eventually(
      async () => {
        const question = { ...ListDeliveriesRequest.create(), subscriptionId: subscription };
        const [delivery] = (await deliveries.listDeliveries(question, as)).deliveries;
        const dead = await monitor.listDeadLetters(ListDeadLettersRequest.create(), as);
        const refused = await monitor.listRejected(ListRejectedRequest.create(), as);
        const deadLetter = dead.deadLetters.find(
          ({ subscriptionId }) => subscriptionId === failing,
        );
        const rejected = refused.rejectedMessages[0]?.id;
        if (!delivery || !deadLetter || !rejected) {
          throw new Error(
            `not all is there: ${JSON.stringify({ delivery, dead, refused }, shown)}`,
          );
        }
        return {
          subscription,
          event: ids[0] as string,
          subject,
          delivery: delivery.id,
          deadLetter: deadLetter.id,
          rejected,
          replay: newId('rpl'),
        };
      },
      { timeoutMs: 15_000 },
    );
  } finally {
    deliveries.close();
    monitor.close();
  }
}

function call(
  client: Client,
  { method, fields, key }: { method: WalledMethod; fields: object; key: Key },
): Promise<Ending> {
  const { definition } = method;
  const metadata = new Metadata();
  if (key !== undefined) metadata.set('authorization', `Bearer ${key}`);
  const bytes = encodeRequest(method, fields);
  const write = (content: Buffer) => content;
  const read = (content: Buffer) => JSON.stringify(definition.responseDeserialize(content), shown);
  const refusal = ({ code, details }: ServiceError): Ending => ({ code, text: details });
  return new Promise((resolve) => {
    if (!definition.responseStream) {
      client.makeUnaryRequest(definition.path, write, read, bytes, metadata, (error, answer) =>
        resolve(error === null ? { code: status.OK, text: answer ?? '' } : refusal(error)),
      );
      return;
    }
    const stream = client.makeServerStreamRequest(definition.path, write, read, bytes, metadata);
    const open = setTimeout(() => end({ code: status.OK, text: '' }), STREAM_MS);
    const end = (ending: Ending): void => {
      clearTimeout(open);
      stream.cancel();
      resolve(ending);
    };
    stream.on('error', (error) => end(refusal(error as ServiceError)));
    stream.once('data', (text: string) => end({ code: status.OK, text }));
  });
}

/** Large numbers as text; resume tokens are of the moment. */
function shown(name: string, value: unknown): unknown {
  if (name === 'resumeToken') return undefined;
  return typeof value === 'bigint' ? String(value) : value;
}
