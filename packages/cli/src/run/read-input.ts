import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { UsageError } from '../command/usage-error.ts';
import type { Context } from '../context.ts';

/** What is read of a file at most: more than anything that is sent anywhere. */
const BYTES_MAX = 16 * 1024 * 1024;

/** Reads a file, or the standard input for `-`. `flag` is named when that fails. @throws UsageError */
export async function readInput(flag: string, path: string, { stdin }: Context): Promise<Buffer> {
  const bytes = path === '-' ? await buffer(stdin) : await readNamed(flag, path);
  if (bytes.length <= BYTES_MAX) return bytes;
  const detail = `holds ${bytes.length} bytes; at most ${BYTES_MAX} are read`;
  throw new UsageError([{ subject: flag, detail }]);
}

async function readNamed(flag: string, path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${code})`;
    throw new UsageError([
      { subject: flag, detail: `${JSON.stringify(path)}: ${why}; name a file that can be read` },
    ]);
  }
}

/** A value from its own flag or from a file; both at once are refused. A line's end after it is left out. */
export async function readEither(
  names: { readonly flag: string; readonly fileFlag: string },
  given: { readonly value: string | undefined; readonly file: string | undefined },
  context: Context,
): Promise<string | undefined> {
  const { flag, fileFlag } = names;
  if (given.file === undefined) return given.value;
  if (given.value !== undefined) {
    throw new UsageError([
      { subject: fileFlag, detail: `is given together with ${flag}; give one of them` },
    ]);
  }
  return (await readInput(fileFlag, given.file, context)).toString('utf8').replace(/\r?\n$/, '');
}
