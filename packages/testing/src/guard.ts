import { spawn } from 'node:child_process';
import type { Child } from '@hookline/local-stack/servers';

/** Ends a process, then removes a folder, when its standard input closes. */
const SCRIPT = `
cat > /dev/null
kill -QUIT "$1" 2> /dev/null
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
  kill -0 "$1" 2> /dev/null || break
  sleep 0.1
done
kill -KILL "$1" 2> /dev/null
rm -rf "$2"
`;

/**
 * Sees to it that a server of the tests ends with this process, however this
 * process ends: a small shell waits on a pipe that the system closes with us,
 * even at `kill -9`. The pipe does not keep this process alive.
 */
export function endWithThisProcess(child: Child, folder: string): void {
  child.unref();
  const guard = spawn('/bin/sh', ['-c', SCRIPT, 'sh', String(child.identity.pid), folder], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  guard.unref();
  (guard.stdin as unknown as { unref(): void }).unref();
  // A guard that outlived its server might meet a stranger with the same id.
  void child.exited.then(() => guard.kill('SIGKILL'));
}
