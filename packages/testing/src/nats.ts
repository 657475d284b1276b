import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  findNatsServer,
  freePort,
  type NatsBinary,
  type NatsServer,
  openAuthority,
  startNats,
} from '@hookline/local-stack/servers';
import {
  type AgentName,
  type Authority,
  createAgentAccount,
  mintAgentCredentials,
  mintServiceCredentials,
  mintSystemCredentials,
  pushAccount,
} from '@hookline/nats-authority';
import { connect, credsAuthenticator } from '@nats-io/transport-node';
import { endWithThisProcess } from './guard.ts';
import { tempDir } from './temp-dir.ts';

export interface TestNatsOptions {
  /** An account for the services and one for each agent, as the local stack has it (the default), or one open account. */
  readonly operatorMode?: boolean;
  /** The server to run instead of the one that is found. */
  readonly binary?: NatsBinary;
}

export interface TestNats extends AsyncDisposable {
  readonly url: string;
  /** Text of a `.creds` file for services; empty without operator mode. */
  readonly servicesCreds: string;
  /** Text of a `.creds` file of the system account; empty without operator mode. */
  readonly systemCreds: string;
  /** The keys behind the credentials; undefined without operator mode. */
  readonly authority: Authority | undefined;
  /** The file that holds them. */
  readonly authorityPath: string;
  /**
   * Text of a `.creds` file for one agent, whose account the running server is
   * told of first. Throws without operator mode.
   */
  mintAgent(agent: AgentName): Promise<string>;
  /** Ends the server as a crash would; its store stays. */
  kill9(): Promise<void>;
  /** After `kill9`: takes away the accounts it was told of while it ran; those it starts with stay. */
  forgetAccounts(): Promise<void>;
  /** Starts it again after `kill9`, on the same port with the same store. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** A NATS server with JetStream on a free port, with a store of its own in a temporary folder. */
export async function startTestNats(options: TestNatsOptions = {}): Promise<TestNats> {
  const { operatorMode = true } = options;
  const binary = options.binary ?? (await findNatsServer({ env: process.env }));
  const folder = await tempDir('nats');
  const port = await freePort();
  const stored = operatorMode
    ? await openAuthority(join(folder.path, 'authority.json'))
    : undefined;
  const start = () =>
    startNats({
      binary,
      host: '127.0.0.1',
      port,
      folder: folder.path,
      logFile: join(folder.path, 'nats.log'),
      operatorMode: stored,
      durable: false,
      onSpawn: (child) => endWithThisProcess(child, folder.path),
    });
  let server: NatsServer = await start();
  const kill9 = async () => {
    server.child.signal('SIGKILL');
    await server.child.exited;
  };
  const authority = stored?.authority;
  const systemCreds = authority === undefined ? '' : await mintSystemCredentials(authority);
  const known = new Set<string>();
  const introduce = async (account: { publicKey: string; jwt: string }) => {
    if (known.has(account.publicKey)) return;
    const system = await connect({
      servers: server.url,
      authenticator: credsAuthenticator(new TextEncoder().encode(systemCreds)),
    });
    try {
      await pushAccount(system, account.jwt);
    } finally {
      await system.close();
    }
    known.add(account.publicKey);
  };
  const stop = async () => {
    await server.stop();
    await folder[Symbol.asyncDispose]();
  };
  return {
    url: server.url,
    servicesCreds: authority === undefined ? '' : await mintServiceCredentials(authority),
    systemCreds,
    authority,
    authorityPath: join(folder.path, 'authority.json'),
    async mintAgent(agent) {
      if (authority === undefined)
        throw new Error('a server without operator mode has no credentials');
      await introduce(await createAgentAccount(authority, agent));
      return (await mintAgentCredentials(authority, agent)).creds;
    },
    kill9,
    forgetAccounts: () => rm(join(folder.path, 'store', 'accounts'), { recursive: true }),
    async restart() {
      server = await start();
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
