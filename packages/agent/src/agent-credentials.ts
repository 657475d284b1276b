import { AgentError } from './agent-error.ts';

/** Which agent one is: what subjects and inboxes are made of. */
export interface AgentIdentity {
  readonly tenant: string;
  readonly host: string;
}

const TENANT = /^[a-z0-9-]{1,40}$/;
const HOST = /^[A-Za-z0-9_-]{1,63}$/;
const PUBLISHABLE = /^hv\.([^.]+)\.([^.]+)\.>$/;

/**
 * Who the credentials were minted for, read from the subjects that they allow: an agent has nothing
 * to configure but the file. The signature is for the server to check.
 *
 * @throws AgentError `invalid_credentials`
 */
export function readIdentity(creds: string): AgentIdentity {
  const token = /-----BEGIN NATS USER JWT-----\s*([\w-]+\.[\w-]+\.[\w-]+)/.exec(creds)?.[1];
  const allowed = token === undefined ? [] : publishableOf(token);
  for (const subject of allowed) {
    const [, tenant, host] = PUBLISHABLE.exec(String(subject)) ?? [];
    if (tenant !== undefined && host !== undefined) return checkIdentity({ tenant, host });
  }
  throw new AgentError(
    'invalid_credentials',
    token === undefined
      ? 'the credentials hold no NATS user: give the text of the .creds file that was minted for this host'
      : 'the credentials are not those of an agent, since they do not allow hv.<tenant>.<host>.>: mint some for this host, or name tenant and host',
  );
}

/** @throws AgentError `invalid_credentials` for a name that could not be part of a subject */
export function checkIdentity({ tenant, host }: AgentIdentity): AgentIdentity {
  if (!TENANT.test(tenant) || !HOST.test(host)) {
    throw new AgentError(
      'invalid_credentials',
      `"${tenant}" and "${host}" cannot be tenant and host: a tenant is 1 to 40 of a-z, 0-9 and -, a host 1 to 63 letters, digits, _ and - (a host name's dots become -)`,
    );
  }
  return { tenant, host };
}

/** The prefix of every inbox of an agent; its credentials allow it to hear nothing else. */
export function inboxPrefixOf({ tenant, host }: AgentIdentity): string {
  return `_INBOX_${tenant}_${host}`;
}

function publishableOf(token: string): readonly unknown[] {
  try {
    const claims = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString();
    const allowed: unknown = JSON.parse(claims)?.nats?.pub?.allow;
    return Array.isArray(allowed) ? allowed : [];
  } catch {
    return [];
  }
}
