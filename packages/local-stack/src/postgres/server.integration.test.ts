import assert from 'node:assert/strict';
import { existsSync, lstatSync } from 'node:fs';
import { chmod, mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { freePort, tempDir } from '@hookline/testing';
import { Client } from 'pg';
import { removeDataDir } from './data-folder.ts';
import { type PostgresOptions, startPostgres } from './server.ts';

const isRoot = process.getuid?.() === 0;

test('only the password opens it, only on loopback, and the owner is no superuser', async () => {
  await using folder = await tempDir('postgres');
  const server = await startPostgres(await optionsFor(folder.path));
  try {
    const wrong = new Client({ connectionString: server.url.replace('owner-password', 'wrong') });
    await assert.rejects(wrong.connect(), { code: '28P01' });
    const superuser = new Client({ connectionString: server.superuserUrl });
    await superuser.connect();
    const { rows } = await superuser.query(
      `SELECT current_setting('fsync') AS fsync, current_setting('listen_addresses') AS listen,
              current_setting('unix_socket_directories') AS sockets, rolsuper AS superuser
       FROM pg_roles WHERE rolname = 'hookline'`,
    );
    await superuser.end();
    assert.deepEqual(rows, [{ fsync: 'on', listen: '127.0.0.1', sockets: '', superuser: false }]);
    assert.equal((await stat(server.folder)).mode & 0o777, 0o700);
  } finally {
    await server.stop();
  }
});

test('an initdb that was interrupted is made anew', async () => {
  await using folder = await tempDir('postgres');
  await mkdir(join(folder.path, 'postgres.new'));
  await mkdir(join(folder.path, 'postgres.new', 'base'));
  const server = await startPostgres(await optionsFor(folder.path));
  await server.stop();
  assert.deepEqual((await readdir(folder.path)).toSorted(), ['postgres', 'postgres.log']);
});

test('as root, a data dir that others cannot enter keeps its cluster elsewhere and remembers where', {
  skip: !isRoot && 'only root has this difficulty',
}, async () => {
  await using folder = await tempDir('postgres');
  const dataDir = join(folder.path, 'closed', 'data');
  await mkdir(dataDir, { recursive: true });
  await chmod(join(folder.path, 'closed'), 0o700);
  const options = await optionsFor(dataDir);
  const first = await startPostgres(options);
  await first.stop();
  assert.equal(lstatSync(join(dataDir, 'postgres')).isSymbolicLink(), true);
  assert.match(first.folder, /^\/var\/lib\/hookline\/stack-/);
  const second = await startPostgres(options);
  await second.stop();
  assert.equal(second.folder, first.folder);
  await removeDataDir(dataDir);
  assert.equal(existsSync(first.folder), false);
});

async function optionsFor(dataDir: string): Promise<PostgresOptions> {
  return {
    dataDir,
    port: await freePort(),
    logFile: join(dataDir, 'postgres.log'),
    superuserPassword: 'superuser-password',
    ownerPassword: 'owner-password',
  };
}
