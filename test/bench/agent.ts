/**
 * The hypervisor's agent of the benchmark, a process of its own: publishes events of a hundred
 * servers with the agent's credentials, each with a message id and a reply subject, as a JetStream
 * client does.
 */
import { readFileSync } from 'node:fs';
import { connect, credsAuthenticator, headers, type NatsConnection } from '@nats-io/transport-node';
import { createConfirmations, monotonicUs } from './confirmations.ts';
import type { AgentCommand, AgentReport } from './messages.ts';
import { sampleData } from './sample.ts';

const SERVERS = 100;
const TICK_MS = 2;
/** Published in one go before the event loop has its turn. */
const BURST_MAX = 64;

let connection: NatsConnection | undefined;
let subjectPrefix = '';
let inbox = '';
/** Where confirmations go, when they are asked for. */
let confirmTo: string | undefined;
const confirmations = createConfirmations();
let published = 0;
let refused = 0;
let delivered = 0;
let sourceIds = 0;
let stopPublishing = () => {};

function publish(type: string): void {
  sourceIds += 1;
  published += 1;
  const sent = headers();
  const sourceId = `bench-${process.pid}-${sourceIds}`;
  sent.set('Nats-Msg-Id', sourceId);
  const publishedUs = monotonicUs();
  if (confirmTo !== undefined) {
    sent.set('Hookline-Confirm-To', confirmTo);
    confirmations.published(sourceId, publishedUs);
  }
  const data = sampleData({ server: sourceIds % SERVERS, publishedUs });
  connection?.publish(`${subjectPrefix}.${type}`, data, { headers: sent, reply: inbox });
}

function turnOf(types: readonly string[]): string {
  return types[published % types.length] as string;
}

function flood(types: readonly string[], window: number): void {
  const timer = setInterval(() => {
    for (let burst = 0; burst < BURST_MAX && published - delivered < window; burst += 1) {
      publish(turnOf(types));
    }
  }, 1);
  stopPublishing = () => clearInterval(timer);
}

function pace(types: readonly string[], perSecond: number): void {
  const startedAt = performance.now();
  const timer = setInterval(() => {
    const due = ((performance.now() - startedAt) / 1000) * perSecond;
    while (published < due) publish(turnOf(types));
  }, TICK_MS);
  stopPublishing = () => clearInterval(timer);
}

function send(report: AgentReport): void {
  process.send?.(report);
}

async function obey(command: AgentCommand): Promise<void> {
  switch (command.kind) {
    case 'connect': {
      subjectPrefix = command.subjectPrefix;
      inbox = `${command.inboxPrefix}.acknowledgements`;
      connection = await connect({
        servers: command.url,
        name: 'bench-agent',
        inboxPrefix: command.inboxPrefix,
        ...(command.credsPath !== null && {
          authenticator: credsAuthenticator(readFileSync(command.credsPath)),
        }),
      });
      connection.subscribe(inbox, {
        callback: (error, message) => {
          if (error !== null || isRefusal(message.data)) refused += 1;
        },
      });
      connection.subscribe(`${command.inboxPrefix}.confirmations`, {
        callback: (error, message) => {
          if (error === null) confirmations.take(message.data);
        },
      });
      await connection.flush();
      send({ kind: 'connected', natsVersion: connection.info?.version ?? '' });
      return;
    }
    case 'flood':
    case 'pace':
      published = 0;
      refused = 0;
      delivered = 0;
      confirmTo =
        command.kind === 'pace' && command.confirm === true
          ? inbox.replace(/[^.]*$/, 'confirmations')
          : undefined;
      if (command.kind === 'flood') flood(command.types, command.window);
      else pace(command.types, command.perSecond);
      return;
    case 'confirmed':
      send({ kind: 'confirmed', ...confirmations.collect() });
      return;
    case 'delivered':
      delivered = command.events;
      return;
    case 'stop':
      stopPublishing();
      await connection?.flush();
      send({ kind: 'stopped', published, refused });
  }
}

/** JetStream acknowledges with `{"stream":…`; anything else, an empty "no responders" too, is a refusal. */
function isRefusal(answer: Uint8Array): boolean {
  return !Buffer.from(answer).toString('latin1', 0, 10).startsWith('{"stream"');
}

process.on('message', (command: AgentCommand) => void obey(command));
process.on('disconnect', () => process.exit());
