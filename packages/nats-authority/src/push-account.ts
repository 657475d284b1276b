/** The part of a NATS connection that is needed here; it must be one of the system account. */
export interface SystemConnection {
  request(
    subject: string,
    payload: string,
    options: { timeout: number },
  ): Promise<{ string(): string }>;
}

/** The server says no to an account's claims; trying again gives the same. */
export class AccountRefusedError extends Error {
  override readonly name = 'AccountRefusedError';
}

const ANSWER_TIMEOUT_MS = 5000;

/**
 * Gives a running server an account's claims, in place of those it has. They
 * count at once and are kept over restarts: users that the claims revoke are cut off.
 * In a cluster the server that answers first has them, and tells the others.
 * Throws when the server refuses them or does not answer within 5 s.
 */
export async function pushAccount(connection: SystemConnection, jwt: string): Promise<void> {
  const options = { timeout: ANSWER_TIMEOUT_MS };
  const answer = await connection.request('$SYS.REQ.CLAIMS.UPDATE', jwt, options);
  const { data, error } = JSON.parse(answer.string()) as {
    data?: { code?: number; message?: string };
    error?: { code?: number; description?: string };
  };
  if (error !== undefined || data?.code !== 200) {
    const reason = error?.description ?? data?.message ?? 'it gives no reason';
    throw new AccountRefusedError(`the NATS server refuses the account: ${reason}`);
  }
}
