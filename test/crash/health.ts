import { type Endpoints, type ProcessName, stackPorts } from '@hookline/local-stack';

/** What the health of a service says: `ready`, or the names of the checks that fail. */
export interface Health {
  /** The status of `/healthz`. */
  readonly alive: number;
  readonly readiness: 'ready' | readonly string[];
}

export type ServiceName = Exclude<ProcessName, 'postgres' | 'nats'>;

/** The health of all five, asked for at the same time. */
export async function healthOfAll({ http }: Endpoints): Promise<Record<ServiceName, Health>> {
  const ports = stackPorts(Number(new URL(http).port) - stackPorts(0).console);
  const [gateway, subscriptions, dispatcher, deadLetters, console] = await Promise.all([
    healthAt(ports.producerGatewayHealth),
    healthAt(ports.subscriptionServiceHealth),
    healthAt(ports.dispatcherHealth),
    healthAt(ports.deadLetterMonitorHealth),
    healthAt(ports.consoleHealth),
  ]);
  return {
    'producer-gateway': gateway,
    'subscription-service': subscriptions,
    dispatcher,
    'dead-letter-monitor': deadLetters,
    console,
  };
}

/** Both within the five seconds after which somebody who probes gives up. */
async function healthAt(port: number): Promise<Health> {
  const get = (path: string) =>
    fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(5_000) });
  const [alive, ready] = await Promise.all([get('/healthz'), get('/readyz')]);
  await alive.body?.cancel();
  const body = (await ready.json()) as { not_ready?: Record<string, string> };
  const readiness = ready.status === 200 ? 'ready' : Object.keys(body.not_ready ?? {}).sort();
  return { alive: alive.status, readiness };
}
