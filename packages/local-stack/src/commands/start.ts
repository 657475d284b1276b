import { ConfigurationError } from '@hookline/service-runtime';
import { envToConfig, type LocalStackConfig } from '../config.ts';
import { createLocalStack } from '../local-stack.ts';
import { LocalStackError, messageOf } from '../local-stack-error.ts';
import { launcherChain, watchLaunchers } from '../processes/launchers.ts';
import { readyText } from '../ready-text.ts';
import { buildPage } from './build-page.ts';
import { stopOnSignals } from './stop-signals.ts';

const HELP = `npx pnpm start [--help]

Runs Hookline on this machine: embedded PostgreSQL and NATS and the five
services. Ctrl-C stops it, a second Ctrl-C at once. Data stay in the data folder.

Environment:
  HOOKLINE_DATA_DIR        where everything is kept (.hookline)
  HOOKLINE_PORT_OFFSET     added to every port (0); a second stack wants this and a folder of its own
  HOOKLINE_BIND            the address to listen on (127.0.0.1)
  HOOKLINE_POSTGRES_URL    use this PostgreSQL (15 or newer) instead of the embedded one
  HOOKLINE_NATS_URL        use this NATS (2.9.4 or newer, with JetStream) instead of a local one
  HOOKLINE_NATS_CREDS      its credentials for the services
  HOOKLINE_ALLOW_SUBNETS   networks that deliveries may reach besides public addresses (127.0.0.0/8,::1/128)
  HOOKLINE_LOG_LEVEL       of the services, in <data folder>/log (info)

Default ports: 8080 console and REST, 8081 ingest, 50051 to 50054 gRPC, 4222 NATS,
5433 PostgreSQL, 9101 to 9105 health and metrics.`;

/** How long a hard stop may take: PostgreSQL's immediate shutdown needs the longest, two seconds at most. */
const KILL_TIMEOUT_MS = 4000;

await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<void> {
  // A reader that went away (`| head`, a closed terminal) must not end the stack in mid-flight.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  if (args.includes('--help') || args.includes('-h')) {
    console.log(HELP);
    return;
  }
  if (args.length > 0) {
    fail(`unknown argument ${args[0]}; see npx pnpm start --help`);
    return;
  }
  let config: LocalStackConfig;
  try {
    config = envToConfig(process.env);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    fail(error.message);
    return;
  }
  await run(config);
}

async function run(config: LocalStackConfig): Promise<void> {
  const stack = createLocalStack(config, { onProgress: (line) => console.log(`  ${line}`) });
  const ended = Promise.withResolvers<void>();
  const stop = async (reason: string) => {
    console.log(`\nhookline is stopping (${reason}); another Ctrl-C ends it at once`);
    try {
      await stack.stop();
      console.log('hookline has stopped');
    } catch (error) {
      fail(`hookline did not stop cleanly: ${messageOf(error)}`);
    }
    ended.resolve();
  };
  using signals = stopOnSignals(process, {
    stop: (reason) => void stop(reason),
    kill: () => {
      void stack.kill();
      // Whatever still holds us after that (a download, say) is not worth waiting for.
      setTimeout(() => process.exit(1), KILL_TIMEOUT_MS).unref();
    },
  });
  using _watch = watchLaunchers(launcherChain(), () =>
    signals.stop('the command that started it has ended'),
  );
  process.once('uncaughtException', (error) => {
    explain(error);
    signals.stop('an error of its own');
  });
  console.log(`hookline is starting, data folder ${config.dataDir}`);
  try {
    const building = buildPage((line) => console.log(`  ${line}`));
    const endpoints = await stack.start();
    await building;
    const shown = { workingDir: process.cwd(), showKeys: process.stdout.isTTY === true };
    console.log(`\n${readyText(config, endpoints, shown)}`);
  } catch (error) {
    // Stopped by a signal before it was ready is what was asked for, not a failure.
    if (error instanceof LocalStackError && error.code === 'stopped') await ended.promise;
    else explain(error);
    return;
  }
  await ended.promise;
}

/** One line for what a person can mend, with the log of the process at fault; a stack trace for the rest. */
function explain(error: unknown): void {
  if (error instanceof LocalStackError) {
    fail([error.message, ...error.logLines].join('\n    '));
  } else {
    fail(error instanceof Error && error.stack !== undefined ? error.stack : String(error));
  }
}

function fail(message: string): void {
  console.error(`hookline: ${message}`);
  process.exitCode = 1;
}
