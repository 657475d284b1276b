/**
 * Builds what would be published: plain JavaScript for Node 18 with its types, and a package.json
 * with its one dependency. Run it with: node packages/agent/scripts/build.ts [folder]
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const output = resolve(process.argv[2] ?? join(root, 'dist'));

const compiler = spawnSync(
  join(root, '../../node_modules/.bin/tsc'),
  ['-p', join(root, 'tsconfig.build.json'), '--outDir', output],
  { stdio: 'inherit' },
);
if (compiler.status === 0) {
  const { name, version, description, license, type, engines, dependencies } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  );
  const exports = { '.': { types: './index.d.ts', default: './index.js' } };
  const manifest = { name, version, description, license, type, engines, exports, dependencies };
  writeFileSync(join(output, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  console.log(`${name} ${version} is built in ${output}`);
} else process.exitCode = 1;
