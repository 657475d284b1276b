import { execFileSync, spawnSync } from 'node:child_process';
import { LocalStackError } from '../local-stack-error.ts';
import type { SystemUser } from '../processes/child.ts';

/** Accounts that exist without rights of their own, in order of preference. No account is ever made. */
const ACCOUNTS = ['nobody', 'daemon'] as const;

/**
 * The account PostgreSQL runs as: undefined (our own) unless we are root, which
 * PostgreSQL refuses.
 */
export function postgresUser(): SystemUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  for (const account of ACCOUNTS) {
    const uid = accountNumber('-u', account);
    const gid = accountNumber('-g', account);
    if (uid !== undefined && gid !== undefined && uid !== 0) return { uid, gid };
  }
  throw new LocalStackError(
    'no_unprivileged_user',
    `PostgreSQL does not run as root and neither account ${ACCOUNTS.join(' nor ')} exists; start as an ordinary user or set HOOKLINE_POSTGRES_URL`,
  );
}

/** Whether the account can enter the folder; asked of the system, so access lists count too. */
export function canEnter(user: SystemUser | undefined, folder: string): boolean {
  if (user === undefined) return true;
  const tried = spawnSync('/bin/sh', ['-c', 'cd -- "$1" && test -x .', 'sh', folder], {
    ...user,
    cwd: '/',
    stdio: 'ignore',
  });
  return tried.status === 0;
}

function accountNumber(flag: '-u' | '-g', account: string): number | undefined {
  try {
    const text = execFileSync('id', [flag, account], { encoding: 'utf8', stdio: 'pipe' });
    const number = Number(text.trim());
    return Number.isSafeInteger(number) ? number : undefined;
  } catch {
    return undefined;
  }
}
