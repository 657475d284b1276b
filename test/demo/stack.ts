import { join } from 'node:path';
import {
  createLocalStack,
  type Endpoints,
  envToConfig,
  findFreePortOffset,
  isLocked,
  readEndpoints,
} from '@hookline/local-stack';
import { tempDir } from '@hookline/testing';

/** A stack to use, and what is to be done with it afterwards: nothing, unless it is our own. */
export interface UsedStack extends AsyncDisposable {
  readonly endpoints: Endpoints;
  /** Whether somebody else runs it. */
  readonly isShared: boolean;
}

export interface OwnStackOptions {
  readonly signal: AbortSignal;
  /** Environment of the services over that of this process. */
  readonly env?: Readonly<Record<string, string>>;
  readonly onProgress?: (line: string) => void;
}

/** The stack that runs on the configured data folder; undefined when none does. */
export async function findRunningStack(env: NodeJS.ProcessEnv): Promise<UsedStack | undefined> {
  const { dataDir } = envToConfig(env);
  if (!isLocked(dataDir)) return undefined;
  const endpoints = await readEndpoints(dataDir);
  if (endpoints === undefined) {
    throw new Error(`a stack is starting or stopping on ${dataDir}; try again when it is ready`);
  }
  return { endpoints, isShared: true, [Symbol.asyncDispose]: async () => {} };
}

/** Starts a stack in a temporary folder on free ports. When the signal comes it is taken down again. */
export async function startOwnStack(options: OwnStackOptions): Promise<UsedStack> {
  const { signal, onProgress, env } = options;
  await using resources = new AsyncDisposableStack();
  const folder = resources.use(await tempDir('stack'));
  const config = envToConfig({
    ...process.env,
    HOOKLINE_DATA_DIR: join(folder.path, 'data'),
    HOOKLINE_PORT_OFFSET: String(await findFreePortOffset()),
    ...env,
  });
  const stack = createLocalStack(config, onProgress === undefined ? {} : { onProgress });
  resources.defer(() => stack.stop());
  const stopEarly = () => void stack.stop();
  signal.addEventListener('abort', stopEarly, { once: true });
  try {
    signal.throwIfAborted();
    const endpoints = await stack.start();
    const owned = resources.move();
    return { endpoints, isShared: false, [Symbol.asyncDispose]: () => owned.disposeAsync() };
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', stopEarly);
  }
}
