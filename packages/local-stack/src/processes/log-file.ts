import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  statSync,
} from 'node:fs';
import { copyFile, stat, truncate } from 'node:fs/promises';
import { dirname } from 'node:path';

/** A log is cut when it grows over this; with its predecessor a child keeps at most about twice as much. */
export const LOG_BYTES_MAX = 16 * 1024 * 1024;

/**
 * Moves the log of the run before to `<path>.1`, replacing an older one. Logs
 * are files that children write to themselves, not pipes through us: they go on
 * when the command that started them is killed.
 */
export function rotateLog(path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  if (existsSync(path) && statSync(path).size > 0) renameSync(path, `${path}.1`);
}

/** Opens a log for a child to append to. Append mode is what makes `cutLog` safe while the child writes. */
export function openLog(path: string): number {
  mkdirSync(dirname(path), { recursive: true });
  return openSync(path, 'a', 0o600);
}

/**
 * Cuts a log that has grown over its limit: what is there becomes `<path>.1`.
 * Lines written between the copy and the cut are lost; nothing else is.
 */
export async function cutLog(path: string, bytesMax: number = LOG_BYTES_MAX): Promise<boolean> {
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  );
  if (size <= bytesMax) return false;
  await copyFile(path, `${path}.1`);
  await truncate(path, 0);
  return true;
}

/** The last lines of a log, for a person to see why its process ended; at most 16 KiB are read. */
export function lastLines(path: string, count: number): string[] {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return [];
  }
  try {
    const size = statSync(path).size;
    const buffer = Buffer.alloc(Math.min(size, 16 * 1024));
    readSync(file, buffer, 0, buffer.length, size - buffer.length);
    return buffer.toString('utf8').trimEnd().split('\n').slice(-count);
  } finally {
    closeSync(file);
  }
}
