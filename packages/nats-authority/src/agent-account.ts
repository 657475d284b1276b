import { hkdfSync } from 'node:crypto';
import { inboxPrefix, isHostName, isTenantName } from '@hookline/contracts';
import { encodeAccount } from '@nats-io/jwt';
import { type KeyPair, Prefix } from '@nats-io/nkeys';
// Seeds are made at random by the package's public face; only its codec makes one of given bytes.
import { Codec } from '@nats-io/nkeys/lib/codec.js';
import type { Authority } from './authority.ts';
import { keyPair, mintUser, type UserCredentials } from './keys.ts';
import { nativeKeyPair } from './native-keys.ts';

/** An agent: one host of one tenant. */
export interface AgentName {
  readonly tenant: string;
  readonly host: string;
}

/** The account of one agent, as a server is told of it. */
export interface AgentAccount {
  /** `A…` */
  readonly publicKey: string;
  /** The signed claims; nothing in them is secret. */
  readonly jwt: string;
}

export interface AgentAccountOptions {
  /**
   * Users that no longer count, by public key, each with the time up to which
   * its credentials were issued. The claims replace all earlier ones: name every
   * revocation that is to last. `EVERY_USER` stands for all that are not named.
   */
  readonly revoked?: ReadonlyMap<string, Date>;
}

/** In `revoked`: whatever was issued up to the time, whoever it was issued to. */
export const EVERY_USER = '*';

/** Hooks of a hypervisor may connect once for each event, many at a time. */
const CONNECTIONS_MAX = 256;
/** Of one connection. Clients hear all their answers on one. */
const SUBSCRIPTIONS_MAX = 1000;

/**
 * The account of one agent: it reaches its own ingest subjects and is reached at
 * its own inboxes, and has neither JetStream nor exports. A server takes it from
 * its configuration or by `pushAccount`. The same agent has the same account
 * every time: pushing it again cuts off nobody.
 * Throws RangeError when a name could reach beyond its own subjects.
 */
export async function createAgentAccount(
  authority: Authority,
  agent: AgentName,
  options: AgentAccountOptions = {},
): Promise<AgentAccount> {
  const { tenant, host } = agent;
  const key = accountKey(authority, agent);
  const account = authority.services.publicKey;
  const inboxes = `${inboxPrefix(tenant, host)}.>`;
  const revocations = Object.fromEntries(
    [...(options.revoked ?? [])].map(([user, at]) => [user, Math.floor(at.getTime() / 1000)]),
  );
  const jwt = await encodeAccount(
    `AGENT_${tenant}_${host}`,
    key,
    {
      limits: {
        ...{ subs: SUBSCRIPTIONS_MAX, data: -1, payload: -1, conn: CONNECTIONS_MAX, leaf: 0 },
        ...{ imports: 2, exports: 0, wildcards: false },
      },
      imports: [
        { name: 'ingest', subject: publishable(agent), type: 'service', account },
        {
          name: 'answers',
          subject: `to.${inboxes}`,
          type: 'stream',
          account,
          local_subject: inboxes,
        },
      ],
      revocations,
    },
    { signer: keyPair(authority.operator.signingSeed) },
  );
  return { publicKey: key.getPublicKey(), jwt };
}

/**
 * Credentials of one agent: it may publish its own events and hear its own
 * inboxes, nothing else. They work once a server knows the agent's account, and
 * beside all earlier ones. Its client must be given `inboxPrefix(tenant, host)`.
 * Throws RangeError when a name could reach beyond its own subjects.
 */
export async function mintAgentCredentials(
  authority: Authority,
  agent: AgentName,
  options: { readonly expiresAt?: Date } = {},
): Promise<UserCredentials> {
  return await mintUser({
    name: `${agent.tenant}/${agent.host}`,
    issuer: accountKey(authority, agent),
    permissions: {
      publish: publishable(agent),
      subscribe: `${inboxPrefix(agent.tenant, agent.host)}.>`,
    },
    expiresAt: options.expiresAt,
  });
}

/** The public key of an agent's account, `A…`. */
export function agentAccountId(authority: Authority, agent: AgentName): string {
  return accountKey(authority, agent).getPublicKey();
}

function publishable({ tenant, host }: AgentName): string {
  return `hv.${tenant}.${host}.>`;
}

/**
 * Derived, not stored: any number of agents needs one secret, whoever holds it
 * mints for all of them, and accounts of a lost server can be made again. It adds
 * no power, since the operator's key beside it can replace any account.
 */
function accountKey({ agentsSecret }: Authority, { tenant, host }: AgentName): KeyPair {
  if (!isTenantName(tenant)) throw new RangeError(`"${tenant}" is no tenant's name`);
  if (!isHostName(host)) throw new RangeError(`"${host}" is no host's name`);
  const secret = Buffer.from(agentsSecret, 'base64');
  const seed = hkdfSync('sha256', secret, '', `hookline agent account ${tenant}/${host}`, 32);
  return nativeKeyPair(Codec.encodeSeed(Prefix.Account, new Uint8Array(seed)));
}
