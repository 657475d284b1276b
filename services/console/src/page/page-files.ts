import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

export interface PageFile {
  readonly type: string;
  readonly plain: Buffer;
  readonly gzipped: Buffer;
}

export interface PageFiles {
  /** The page itself, with NONCE where the nonce of its answer belongs; undefined until it is built. */
  page(): string | undefined;
  /** A script or style by its name, which holds its hash. */
  asset(name: string): PageFile | undefined;
  icon(): PageFile | undefined;
}

/** What stands for the nonce in the built page. */
export const NONCE = '__NONCE__';

/** Where `scripts/build-page.ts` puts the page. */
export const PAGE_FOLDER = join(import.meta.dirname, '..', '..', 'web', 'dist');

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.html': 'text/html; charset=utf-8',
};

/**
 * The built page, some 2 MB, in memory. It is looked for until it is there, since a local stack builds
 * it while the console starts; from then on it stays as it is.
 */
export function createPageFiles(folder: string = PAGE_FOLDER): PageFiles {
  let found: ReadonlyMap<string, PageFile> | undefined;
  const files = (): ReadonlyMap<string, PageFile> | undefined => {
    found ??= readFiles(folder);
    return found;
  };
  return {
    page: () => files()?.get('index.html')?.plain.toString('utf8'),
    asset: (name) => files()?.get(`assets/${name}`),
    icon: () => files()?.get('icon.svg'),
  };
}

function readFiles(folder: string): ReadonlyMap<string, PageFile> | undefined {
  let names: string[];
  try {
    names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  } catch {
    return undefined;
  }
  return new Map(
    names.flatMap((name): [string, PageFile][] => {
      const type = TYPES[extname(name)];
      if (type === undefined) return [];
      const plain = readFileSync(join(folder, name));
      return [[name.replaceAll('\\', '/'), { type, plain, gzipped: gzipSync(plain) }]];
    }),
  );
}
