import { existsSync } from 'node:fs';
import { runCommand, runs } from './run-command.ts';

/** The words that call Compose: of the plugin, or of the program before it. */
export type ComposeCommand = readonly [string, ...string[]];

const INSTALL_TIMEOUT_MS = 600_000;

/**
 * Finds Docker and Compose. As root on a Debian or Ubuntu, what is missing is installed from its
 * archive; elsewhere the error says what to install.
 */
export async function findTools(signal: AbortSignal): Promise<ComposeCommand> {
  if (!(await runs('docker', ['--version'], { signal }))) {
    await install(['docker.io', 'iptables'], signal);
  }
  const found = await findCompose(signal);
  if (found !== undefined) return found;
  await install(['docker-compose'], signal);
  const installed = await findCompose(signal);
  if (installed === undefined) throw new Error('Compose was installed and does not run');
  return installed;
}

async function findCompose(signal: AbortSignal): Promise<ComposeCommand | undefined> {
  if (await runs('docker', ['compose', 'version'], { signal })) return ['docker', 'compose'];
  if (await runs('docker-compose', ['version'], { signal })) return ['docker-compose'];
  return undefined;
}

/** Installs packages that a program of which is missing, or says that a person must. */
export async function install(packages: readonly string[], signal: AbortSignal): Promise<void> {
  const names = packages.join(' ');
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    throw new Error(
      `missing: ${names}. Install Docker with Compose (https://docs.docker.com/engine/install), on Debian and Ubuntu \`apt-get install docker.io docker-compose debootstrap\`; as root this command does that itself there`,
    );
  }
  console.log(`installing ${names} from the archive of this system`);
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const options = { env, signal, timeoutMs: INSTALL_TIMEOUT_MS };
  await runCommand('apt-get', ['-q', 'update'], options);
  await runCommand(
    'apt-get',
    ['-q', '-y', '--no-install-recommends', 'install', ...packages],
    options,
  );
}
