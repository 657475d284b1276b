import { encodeUser, fmtCreds } from '@nats-io/jwt';
import { createUser, type KeyPair } from '@nats-io/nkeys';
import { nativeKeyPair } from './native-keys.ts';

/** One holder of keys. Seeds are secrets: with them anybody can be minted. */
export interface KeyHolder {
  /** The identity, `O…` or `A…`. */
  readonly publicKey: string;
  /** Signs this holder's own claims. Only needed to change them. */
  readonly seed: string;
  /** Signs what the holder issues: users, or for the operator accounts. Can be replaced without a new identity. */
  readonly signingSeed: string;
}

/** Makes the keys of a new holder. */
export function createKeyHolder(create: () => KeyPair): KeyHolder {
  const identity = create();
  return {
    publicKey: identity.getPublicKey(),
    seed: seedText(identity),
    signingSeed: seedText(create()),
  };
}

/** What a user of an account is to be. */
export interface UserClaims {
  /** Shown by the server's monitoring. */
  readonly name: string;
  /** The key of the account, or one of its signing keys. */
  readonly issuer: KeyPair;
  /** The account, where `issuer` is one of its signing keys. */
  readonly issuerAccount?: string;
  /** The only subjects it may publish on and subscribe to; absent: all of its account. */
  readonly permissions?: { readonly publish: string; readonly subscribe: string };
  /** When the server stops to accept it; absent: never. */
  readonly expiresAt?: Date | undefined;
}

/** A user's credentials: what its client presents, and by which key the server knows it. */
export interface UserCredentials {
  /** `U…`: what a revocation names. */
  readonly userPublicKey: string;
  /** Text of a `.creds` file. A secret. */
  readonly creds: string;
}

/** Makes a user with a key of its own, which is nowhere but in the result. */
export async function mintUser(claims: UserClaims): Promise<UserCredentials> {
  const { name, issuer, issuerAccount, permissions, expiresAt } = claims;
  const user = nativeKeyPair(createUser().getSeed());
  const jwt = await encodeUser(
    name,
    user,
    issuer,
    {
      ...(issuerAccount !== undefined && { issuer_account: issuerAccount }),
      ...(permissions !== undefined && {
        pub: { allow: [permissions.publish] },
        sub: { allow: [permissions.subscribe] },
      }),
    },
    expiresAt === undefined ? {} : { exp: Math.floor(expiresAt.getTime() / 1000) },
  );
  return {
    userPublicKey: user.getPublicKey(),
    creds: new TextDecoder().decode(fmtCreds(jwt, user)),
  };
}

export function keyPair(seed: string): KeyPair {
  return nativeKeyPair(new TextEncoder().encode(seed));
}

export function publicKeyOf(seed: string): string {
  return keyPair(seed).getPublicKey();
}

export function seedText(key: KeyPair): string {
  return new TextDecoder().decode(key.getSeed());
}
