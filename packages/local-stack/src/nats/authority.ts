import { inboxPrefix, isHostName, isTenantName } from '@hookline/contracts';
import { type Account, encodeAccount, encodeOperator, encodeUser, fmtCreds } from '@nats-io/jwt';
import { createAccount, createOperator, createUser, fromSeed, type KeyPair } from '@nats-io/nkeys';

/**
 * Who may do what in NATS, in operator mode.
 *
 * A server answers a publish on its reply subject without asking whether the
 * publisher may write there. Were agents and services in one account, an agent
 * could have the server purge a stream or forge another tenant's event. So
 * agents live in an account of their own, without JetStream: the subjects they
 * name in a reply exist in their account alone.
 */
export interface Authority {
  readonly operator: KeyHolder;
  readonly system: KeyHolder;
  readonly services: KeyHolder;
  readonly agents: KeyHolder;
}

/** One holder of keys. Seeds are secrets: with them anybody can be minted. */
export interface KeyHolder {
  /** The identity, `O…` or `A…`. */
  readonly publicKey: string;
  /** Signs this holder's own claims. Only needed to change them. */
  readonly seed: string;
  /** Signs what the holder issues: users, or for the operator accounts. Can be replaced without a new identity. */
  readonly signingSeed: string;
}

/** The claims a server is configured with, as signed JWTs. */
export interface AuthorityClaims {
  readonly operator: string;
  readonly system: string;
  readonly services: string;
  readonly agents: string;
}

/** An agent: one host of one tenant. */
export interface AgentName {
  readonly tenant: string;
  readonly host: string;
}

/** Makes the keys of a new installation. */
export function createAuthority(): Authority {
  const holder = (create: () => KeyPair): KeyHolder => {
    const identity = create();
    return {
      publicKey: identity.getPublicKey(),
      seed: seedText(identity),
      signingSeed: seedText(create()),
    };
  };
  return {
    operator: holder(createOperator),
    system: holder(createAccount),
    services: holder(createAccount),
    agents: holder(createAccount),
  };
}

/** Signs the claims of operator and accounts: HOOKLINE for services, AGENTS for agents, SYS for the server. */
export async function signClaims(authority: Authority): Promise<AuthorityClaims> {
  const { operator, system, services, agents } = authority;
  const signer = keyPair(operator.signingSeed);
  const account = (name: string, holder: KeyHolder, claims: Partial<Account>) =>
    encodeAccount(
      name,
      keyPair(holder.seed),
      { ...claims, signing_keys: [publicKeyOf(holder.signingSeed)] },
      { signer },
    );
  return {
    operator: await encodeOperator('hookline', keyPair(operator.seed), {
      signing_keys: [publicKeyOf(operator.signingSeed)],
      system_account: system.publicKey,
    }),
    system: await account('SYS', system, {}),
    services: await account('HOOKLINE', services, {
      limits: { ...UNLIMITED, mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 },
      exports: [
        // One answer per request: JetStream's acknowledgement of the publish.
        { name: 'ingest', subject: 'hv.>', type: 'service', response_type: 'Singleton' },
        { name: 'answers', subject: 'to.*.>', type: 'stream' },
      ],
    }),
    agents: await account('AGENTS', agents, {
      limits: UNLIMITED,
      imports: [
        { name: 'ingest', subject: 'hv.>', type: 'service', account: services.publicKey },
        {
          name: 'answers',
          subject: 'to.*.>',
          type: 'stream',
          account: services.publicKey,
          local_subject: '$1.>',
        },
      ],
    }),
  };
}

/** Credentials of our services: everything in account HOOKLINE. Returns the text of a `.creds` file. */
export function mintServiceCredentials(
  services: Pick<KeyHolder, 'publicKey' | 'signingSeed'>,
  name = 'hookline-services',
): Promise<string> {
  return mintUser(services, name, {});
}

/**
 * Credentials of one agent: it may publish its own events and hear its own
 * inboxes, nothing else. Returns the text of a `.creds` file; its client must be
 * given `inboxPrefix(tenant, host)` as inbox prefix.
 * Throws RangeError when a name could reach beyond its own subjects.
 */
export async function mintAgentCredentials(
  agents: Pick<KeyHolder, 'publicKey' | 'signingSeed'>,
  agent: AgentName,
): Promise<string> {
  if (!isTenantName(agent.tenant)) throw new RangeError(`"${agent.tenant}" is no tenant's name`);
  if (!isHostName(agent.host)) throw new RangeError(`"${agent.host}" is no host's name`);
  return await mintUser(agents, `${agent.tenant}/${agent.host}`, {
    pub: { allow: [`hv.${agent.tenant}.${agent.host}.>`] },
    sub: { allow: [`${inboxPrefix(agent.tenant, agent.host)}.>`] },
  });
}

const UNLIMITED = {
  ...{ subs: -1, data: -1, payload: -1, conn: -1, leaf: 0 },
  ...{ imports: -1, exports: -1, wildcards: true },
} as const;

async function mintUser(
  account: Pick<KeyHolder, 'publicKey' | 'signingSeed'>,
  name: string,
  permissions: { pub?: { allow: string[] }; sub?: { allow: string[] } },
): Promise<string> {
  const user = createUser();
  const jwt = await encodeUser(name, user, keyPair(account.signingSeed), {
    issuer_account: account.publicKey,
    ...permissions,
  });
  return new TextDecoder().decode(fmtCreds(jwt, user));
}

function keyPair(seed: string): KeyPair {
  return fromSeed(new TextEncoder().encode(seed));
}

function publicKeyOf(seed: string): string {
  return keyPair(seed).getPublicKey();
}

function seedText(key: KeyPair): string {
  return new TextDecoder().decode(key.getSeed());
}
