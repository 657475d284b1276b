import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeDataDir } from '@hookline/local-stack/servers';

export interface TempDir extends AsyncDisposable {
  readonly path: string;
}

/** A fresh folder that goes when it is disposed of, with everything a stack in it kept elsewhere. */
export async function tempDir(name = 'test'): Promise<TempDir> {
  const path = await mkdtemp(join(tmpdir(), `hookline-${name}-`));
  // PostgreSQL runs as another user when the tests run as root, and must get through.
  await chmod(path, 0o711);
  return { path, [Symbol.asyncDispose]: () => removeDataDir(path) };
}
