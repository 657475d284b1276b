import { randomBytes } from 'node:crypto';
import { type Account, encodeAccount, encodeOperator } from '@nats-io/jwt';
import { createAccount, createOperator } from '@nats-io/nkeys';
import { createKeyHolder, type KeyHolder, keyPair, mintUser, publicKeyOf } from './keys.ts';

/**
 * Who may do what in NATS, in operator mode.
 *
 * A server answers a publish on its reply subject without asking whether the
 * publisher may write there. Were agents and services in one account, an agent
 * could have the server purge a stream or forge another tenant's event; were all
 * agents in one account, it could have acknowledgements sent into another's
 * inbox. So each agent lives in an account of its own, without JetStream: the
 * subjects it names in a reply exist for itself alone. See agent-account.ts.
 */
export interface Authority {
  readonly operator: KeyHolder;
  readonly system: KeyHolder;
  readonly services: KeyHolder;
  /** 32 bytes, base64. The keys of all agents' accounts are derived from it. */
  readonly agentsSecret: string;
}

/** The claims a server is configured with, as signed JWTs. */
export interface AuthorityClaims {
  readonly operator: string;
  readonly system: string;
  readonly services: string;
}

/** Makes the keys of a new installation. */
export function createAuthority(): Authority {
  return {
    operator: createKeyHolder(createOperator),
    system: createKeyHolder(createAccount),
    services: createKeyHolder(createAccount),
    agentsSecret: randomBytes(32).toString('base64'),
  };
}

/** Signs the claims of the operator and its two fixed accounts: HOOKLINE for services, SYS for the server. */
export async function signClaims(authority: Authority): Promise<AuthorityClaims> {
  const { operator, system, services } = authority;
  const account = (name: string, holder: KeyHolder, claims: Partial<Account>) =>
    encodeAccount(
      name,
      keyPair(holder.seed),
      { ...claims, signing_keys: [publicKeyOf(holder.signingSeed)] },
      { signer: keyPair(operator.signingSeed) },
    );
  return {
    operator: await encodeOperator('hookline', keyPair(operator.seed), {
      signing_keys: [publicKeyOf(operator.signingSeed)],
      system_account: system.publicKey,
    }),
    system: await account('SYS', system, { limits: UNLIMITED }),
    services: await account('HOOKLINE', services, {
      limits: { ...UNLIMITED, mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 },
      // Any account could import these. None does but those that the operator signs.
      exports: [
        // One answer per request: JetStream's acknowledgement of the publish.
        { name: 'ingest', subject: 'hv.>', type: 'service', response_type: 'Singleton' },
        { name: 'answers', subject: 'to.*.>', type: 'stream' },
      ],
    }),
  };
}

/** A limit that is absent is 0: an account without these lets nobody connect. */
const UNLIMITED = {
  ...{ subs: -1, data: -1, payload: -1, conn: -1, leaf: 0 },
  ...{ imports: -1, exports: -1, wildcards: true },
} as const;

/** Credentials of our services: everything in account HOOKLINE. Returns the text of a `.creds` file. */
export function mintServiceCredentials({ services }: Authority): Promise<string> {
  return mintMember(services, 'hookline-services');
}

/** Credentials of the system account, with which accounts are pushed. Returns the text of a `.creds` file. */
export function mintSystemCredentials({ system }: Authority): Promise<string> {
  return mintMember(system, 'hookline-accounts');
}

async function mintMember(account: KeyHolder, name: string): Promise<string> {
  const issuer = keyPair(account.signingSeed);
  return (await mintUser({ name, issuer, issuerAccount: account.publicKey })).creds;
}
