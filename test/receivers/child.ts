import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A program that waits for webhooks, as somebody would run it by hand. */
export interface ReceiverProgram extends AsyncDisposable {
  readonly url: string;
  /** Resolves with the next line that it prints, in order. */
  nextLine(): Promise<string>;
}

/** Starts a script on a free port with the secret in its environment, and waits until it listens. */
export async function startProgram(
  script: string,
  env: Readonly<Record<string, string>>,
): Promise<ReceiverProgram> {
  const child: ChildProcess = spawn(process.execPath, [script], {
    env: { ...process.env, PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const complaints: string[] = [];
  child.stderr?.on('data', (chunk: Buffer) => complaints.push(chunk.toString()));
  const exited = once(child, 'close');
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })[
    Symbol.asyncIterator
  ]();
  const nextLine = async () => {
    const line = await lines.next();
    if (line.done) throw new Error(`${script} ended: ${complaints.join('')}`);
    return line.value;
  };
  const url = /^waiting on (\S+)$/.exec(await nextLine())?.[1];
  if (url === undefined) throw new Error(`${script} does not say where it listens`);
  return {
    url,
    nextLine,
    async [Symbol.asyncDispose]() {
      child.kill();
      await exited;
    },
  };
}
