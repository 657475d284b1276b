/**
 * A gateway that dies of certain messages, as one does whose reading runs out of memory or into a
 * defect of the runtime; for tests only. Takes its configuration as JSON in GATEWAY_CONFIG.
 */
import { createLogger } from '@hookline/telemetry';
import { normaliseMessage } from './domain/ingest-message.ts';
import { startGateway } from './service.ts';

const config = JSON.parse(process.env.GATEWAY_CONFIG ?? '');
const logger = createLogger({ service: 'producer-gateway', level: config.logLevel });

await startGateway(
  config,
  { logger, signal: new AbortController().signal },
  {
    normalise(message, nowMs) {
      if (Buffer.from(message.data).includes('"deadly"')) process.kill(process.pid, 'SIGKILL');
      return normaliseMessage(message, nowMs);
    },
  },
);
