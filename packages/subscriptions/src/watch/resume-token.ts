import { createHash } from 'node:crypto';
import { DomainError } from '@hookline/contracts';
import { compareCheckpoints, LOG_START, type LogCheckpoint } from '@hookline/event-log';

/** Where a watcher of a tenant has come to, for its client to keep. It never expires: the log stays. */
export function writeResumeToken(tenant: string, checkpoint: LogCheckpoint): string {
  return Buffer.from(`${markOf(tenant)}:${checkpoint}`).toString('base64url');
}

/** @throws DomainError `invalid_argument` for what is not a token of this tenant */
export function readResumeToken(tenant: string, token: string): LogCheckpoint {
  const text = Buffer.from(token, 'base64url').toString('latin1');
  const mark = `${markOf(tenant)}:`;
  const checkpoint = text.slice(mark.length);
  if (text.startsWith(mark) && isCheckpoint(checkpoint)) return checkpoint as LogCheckpoint;
  const detail =
    'it is not a resume_token of this tenant; send one as it came, or none to begin with what is there now';
  throw new DomainError('invalid_argument', `resume_token: ${detail}`, {
    fields: [{ field: 'resume_token', detail }],
  });
}

function markOf(tenant: string): string {
  return createHash('sha256').update(`watch:${tenant}`).digest('base64url').slice(0, 12);
}

function isCheckpoint(text: string): boolean {
  try {
    compareCheckpoints(text, LOG_START);
    // Beyond these bounds Postgres would refuse it.
    const [epoch, transaction, position] = text.split(':').map(BigInt);
    return (
      (epoch ?? 0n) < 2n ** 31n && (transaction ?? 0n) < 2n ** 64n && (position ?? 0n) < 2n ** 63n
    );
  } catch {
    return false;
  }
}
