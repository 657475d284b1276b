import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { newApiKey } from '@hookline/credentials';
import { LocalStackError } from './local-stack-error.ts';
import { readJsonFile, writePrivateFile } from './private-file.ts';

/** What a stack makes for itself at its first start and keeps in `<data dir>/secrets.json`, mode 0600. */
export interface StackSecrets {
  /** Admin key of tenant `default`. */
  readonly apiKey: string;
  /** Publisher key of tenant `default`. */
  readonly publisherKey: string;
  /** 32 bytes, base64. Losing it loses every subscription's secret. */
  readonly masterKey: string;
  readonly postgresSuperuserPassword: string;
  readonly postgresOwnerPassword: string;
}

/**
 * Reads the secrets, or makes those that are missing. What was given by the
 * environment at the first start is kept, so that a later start without it still
 * opens what was sealed.
 */
export async function openSecrets(
  dataDir: string,
  given: {
    readonly apiKey: string | undefined;
    readonly masterKey: string | undefined;
    /** With the stored key among them, `masterKey` takes its place. */
    readonly masterKeysOld?: readonly string[];
  },
): Promise<StackSecrets> {
  const path = join(dataDir, 'secrets.json');
  const stored = checked(path, (await readJsonFile(path)) ?? {});
  const isOther =
    given.masterKey !== undefined &&
    stored.masterKey !== undefined &&
    given.masterKey !== stored.masterKey;
  const isChange = isOther && given.masterKeysOld?.includes(stored.masterKey ?? '') === true;
  if (isOther && !isChange) {
    throw new LocalStackError(
      'other_master_key',
      `HOOKLINE_MASTER_KEY is not the key that the data in ${dataDir} are sealed with (masterKey in ${path}); unset it, name the stored one in HOOKLINE_MASTER_KEYS_OLD to change it, or start with another HOOKLINE_DATA_DIR`,
    );
  }
  const secrets: StackSecrets = {
    apiKey: stored.apiKey ?? given.apiKey ?? newApiKey(),
    publisherKey: stored.publisherKey ?? newApiKey(),
    masterKey:
      (isChange ? given.masterKey : stored.masterKey) ??
      given.masterKey ??
      randomBytes(32).toString('base64'),
    postgresSuperuserPassword: stored.postgresSuperuserPassword ?? newPassword(),
    postgresOwnerPassword: stored.postgresOwnerPassword ?? newPassword(),
  };
  const complete = !isChange && Object.keys(secrets).every((name) => name in stored);
  if (!complete) await writePrivateFile(path, `${JSON.stringify(secrets, undefined, 2)}\n`);
  return secrets;
}

function newPassword(): string {
  return randomBytes(24).toString('base64url');
}

function checked(path: string, value: unknown): Partial<StackSecrets> {
  const texts = Object.values(value as object);
  if (Array.isArray(value) || !texts.every((text) => typeof text === 'string')) {
    throw new LocalStackError(
      'damaged_file',
      `${path} does not hold a stack's secrets; restore it`,
    );
  }
  return value as Partial<StackSecrets>;
}
