import { CreateSubscriptionRequest, SubscriptionServiceService } from '@hookline/contracts';
import type { Endpoints } from '@hookline/local-stack';
import { createGrpcClient } from '@hookline/service-runtime';
import { unlessInterrupted } from '../demo/interruption.ts';
import { type HelperProcess, startHelper } from './helper-process.ts';
import type {
  AgentCommand,
  AgentReport,
  RawLoopCommand,
  RawLoopReport,
  SinkCommand,
  SinkReport,
  SinkSnapshot,
} from './messages.ts';
import type { NamedProcesses } from './processor-time.ts';

/** What goes to one subscription, and what to ten. */
export const TYPES = { 1: 'server.started', 10: 'server.rebooted' } as const;
export type FanOut = keyof typeof TYPES;

/** Agents at one end, a sink at the other, and Hookline between. */
export interface Flow extends AsyncDisposable {
  readonly agent: HelperProcess<AgentCommand, AgentReport>;
  readonly sink: HelperProcess<SinkCommand, SinkReport>;
  readonly rawLoop: HelperProcess<RawLoopCommand, RawLoopReport>;
  readonly sinkUrl: string;
  readonly natsVersion: string;
  /** Every process that takes part, Hookline's included. */
  readonly processes: NamedProcesses;
  readonly signal: AbortSignal;
  snapshot(): Promise<SinkSnapshot>;
  /** Waits, unless interrupted. */
  wait(ms: number): Promise<void>;
}

/** Starts the helpers and makes the subscriptions. */
export async function openFlow(endpoints: Endpoints, signal: AbortSignal): Promise<Flow> {
  await using resources = new AsyncDisposableStack();
  const sink = resources.use(startHelper<SinkCommand, SinkReport>('sink.ts'));
  const { port } = await sink.next('listening');
  const sinkUrl = `http://127.0.0.1:${port}/webhooks`;
  await subscribeAll(endpoints, sinkUrl);

  const rawLoop = resources.use(startHelper<RawLoopCommand, RawLoopReport>('raw-loop.ts'));
  const agent = resources.use(startHelper<AgentCommand, AgentReport>('agent.ts'));
  const connected = agent.next('connected');
  agent.send({
    kind: 'connect',
    url: endpoints.nats,
    credsPath: endpoints.natsCreds,
    inboxPrefix: endpoints.natsInboxPrefix,
    subjectPrefix: `hv.${endpoints.tenant}.node-1`,
  });
  const { natsVersion } = await unlessInterrupted(connected, signal);

  const owned = resources.move();
  return {
    agent,
    sink,
    rawLoop,
    sinkUrl,
    natsVersion,
    processes: { ...endpoints.pids, agent: agent.pid, sink: sink.pid },
    signal,
    snapshot() {
      const answer = sink.next('snapshot');
      sink.send({ kind: 'snapshot' });
      return unlessInterrupted(answer, signal);
    },
    wait: (ms) => unlessInterrupted(new Promise((resolve) => setTimeout(resolve, ms)), signal),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function subscribeAll(endpoints: Endpoints, sinkUrl: string): Promise<void> {
  const client = createGrpcClient(SubscriptionServiceService, {
    address: endpoints.grpc.subscriptions,
  });
  for (const [fanOut, type] of Object.entries(TYPES)) {
    for (let index = 1; index <= Number(fanOut); index += 1) {
      await client.createSubscription(
        CreateSubscriptionRequest.fromPartial({
          subscription: {
            url: `${sinkUrl}/${fanOut}-${index}`,
            format: 'standard',
            filter: { types: [type] },
          },
        }),
        { apiKey: endpoints.apiKey },
      );
    }
  }
  client.close();
}
