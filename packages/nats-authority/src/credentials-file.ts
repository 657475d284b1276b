import { parseCreds } from '@nats-io/jwt';

/** What the text of a `.creds` file says, without its secret. */
export interface ReadCredentials {
  /** `U…` */
  readonly userPublicKey: string;
  /** The account, `A…`. */
  readonly accountId: string;
  /** What the server's monitoring shows; of an agent, `<tenant>/<host>`. */
  readonly name: string;
  readonly issuedAt: Date;
  /** Undefined: never. */
  readonly expiresAt: Date | undefined;
}

/** Reads credentials. Throws for a text that holds none, or whose signature is not right. */
export async function readCredentials(creds: string): Promise<ReadCredentials> {
  const { uc, aid } = await parseCreds(new TextEncoder().encode(creds));
  return {
    userPublicKey: uc.sub,
    accountId: aid,
    name: uc.name,
    issuedAt: new Date(uc.iat * 1_000),
    expiresAt: uc.exp === undefined ? undefined : new Date(uc.exp * 1_000),
  };
}
