import { streamDefinitions } from '@hookline/contracts';
import type { Nats } from '@hookline/messaging';
import { createPeriodic, type Metrics, type Periodic } from '@hookline/service-runtime';
import type { Logger } from '@hookline/telemetry';

export interface StreamMetricsOptions {
  readonly nats: Nats;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly intervalMs: number;
}

/** The consumer that all dispatchers share. */
const DISPATCHERS = { stream: 'EVENTS', durable: 'dispatcher' };

/**
 * Shows what the streams hold and how much they may, and what the dispatchers have not read. Every
 * gateway shows the same; take the greatest.
 */
export function createStreamMetrics(options: StreamMetricsOptions): Periodic {
  const { nats, metrics, logger, intervalMs } = options;
  const gauge = (name: string, help: string) => metrics.gauge({ name, help });
  const messages = gauge('hookline_stream_messages', 'Messages of a stream.');
  const bytes = gauge('hookline_stream_bytes', 'Bytes of a stream.');
  const limit = gauge('hookline_stream_limit_bytes', 'Bytes that a stream may have.');
  const pending = gauge(
    'hookline_consumer_pending_messages',
    'Messages of EVENTS that no dispatcher has been given yet.',
  );
  const unacknowledged = gauge(
    'hookline_consumer_unacknowledged_messages',
    'Messages of EVENTS that dispatchers have and did not finish.',
  );

  const readConsumer = async (): Promise<void> => {
    const consumers = await nats.manager.consumers.list(DISPATCHERS.stream).next();
    const shared = consumers.find(({ name }) => name === DISPATCHERS.durable);
    pending.set(shared?.num_pending ?? 0);
    unacknowledged.set(shared?.num_ack_pending ?? 0);
  };

  const runOnce = async (): Promise<void> => {
    if (!nats.isConnected()) return;
    for (const { name } of streamDefinitions) {
      const { state, config } = await nats.manager.streams.info(name);
      messages.set(state.messages, { stream: name });
      bytes.set(state.bytes, { stream: name });
      limit.set(config.max_bytes, { stream: name });
    }
    await readConsumer();
  };

  return createPeriodic({ name: 'looking at the streams', intervalMs, runOnce, logger });
}
