import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Files of one process: enough that loading the modules counts little, few enough to fill two cores to the end. */
const FILES_MAX = 8;

/**
 * Writes into the folder a program for each group of files, which runs them one after the other in one
 * process, and answers where it stands: loading a service takes 0.9 s of processor, as long as many a test file
 * takes itself. The hooks and tests of a file stay its own, in a suite with its name.
 */
export async function writeTestGroups(
  folder: string,
  groups: readonly (readonly string[])[],
  { timeoutMs }: { readonly timeoutMs: number },
): Promise<string[]> {
  return await Promise.all(
    groups.map(async (files, index) => {
      const path = join(folder, `group-${String(index + 1).padStart(2, '0')}.test.mjs`);
      await writeFile(path, programOf(files, timeoutMs));
      return path;
    }),
  );
}

/** Files of one package or service together, at most `FILES_MAX` in a group. */
export function groupByPackage(files: readonly string[]): string[][] {
  const packages = Object.groupBy(files, (file) => file.split('/', 2).join('/'));
  return Object.values(packages).flatMap((of = []) => {
    const count = Math.ceil(of.length / FILES_MAX);
    return Array.from({ length: count }, (_, index) => of.filter((_, at) => at % count === index));
  });
}

function programOf(files: readonly string[], timeoutMs: number): string {
  const suites = files.map((file) => {
    const url = pathToFileURL(resolve(file)).href;
    return `describe(${JSON.stringify(file)}, { timeout: ${timeoutMs} }, () => import(${JSON.stringify(url)}));`;
  });
  return ["import { describe } from 'node:test';", ...suites, ''].join('\n');
}
