import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Of clients that are not ours. A version is part of the path: another one is installed beside it. */
export const GRPCURL_VERSION = 'v1.9.3';
export const GRPCIO_VERSION = '1.76.0';

const CACHE = resolve('node_modules/.cache/clients');

/** A program that a test needs, and how it comes to this machine. */
export interface Tool {
  readonly name: string;
  /** The program. */
  readonly path: string;
  /** The folder it is installed into. */
  readonly folder: string;
  /** What installs it, a command after the other; the first word must be on the machine. */
  readonly install: (folder: string) => readonly (readonly [string, ...string[]])[];
}

const grpcurlFolder = join(CACHE, `grpcurl-${GRPCURL_VERSION}`);
const pythonFolder = join(CACHE, `grpcio-${GRPCIO_VERSION}`);

/** A generic gRPC client that learns the services by reflection. */
export const grpcurl: Tool = {
  name: 'grpcurl',
  folder: grpcurlFolder,
  path: join(grpcurlFolder, 'grpcurl'),
  install: () => [
    ['go', 'install', `github.com/fullstorydev/grpcurl/cmd/grpcurl@${GRPCURL_VERSION}`],
  ],
};

/** Python with gRPC and its code generator. */
export const python: Tool = {
  name: 'Python with grpcio',
  folder: pythonFolder,
  path: join(pythonFolder, 'bin', 'python'),
  install: (folder) => [
    ['python3', '-m', 'venv', folder],
    [
      join(folder, 'bin', 'pip'),
      ...['install', '--quiet', '--disable-pip-version-check'],
      ...[`grpcio==${GRPCIO_VERSION}`, `grpcio-tools==${GRPCIO_VERSION}`],
    ],
  ],
};

export const tools: readonly Tool[] = [grpcurl, python];

/** Written when an installation is complete: one that was broken off is not taken for one. */
export function markOf({ folder }: Tool): string {
  return join(folder, 'installed');
}

/** Why a test of a tool is left out; false when the tool is there. */
export function absence(tool: Tool): string | false {
  const { name } = tool;
  return existsSync(markOf(tool))
    ? false
    : `${name} is not installed: run \`npx pnpm test:clients\``;
}
