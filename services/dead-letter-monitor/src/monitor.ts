import type { Database } from '@hookline/event-log';
import { createPeriodic, type Metrics } from '@hookline/service-runtime';
import type { Logger, Tracing } from '@hookline/telemetry';
import { createDeadLetterHandler, type Subscriptions } from './handle-dead-letters.ts';
import type { SendMail } from './mail/mail.ts';
import { sendDueNotifications } from './send-notifications.ts';

export interface MonitorOptions {
  readonly database: Database;
  readonly subscriptions: Subscriptions;
  readonly sendMail: SendMail;
  readonly consoleUrl: string;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Where spans go; by default nowhere. */
  readonly tracing?: Tracing;
  /**
   * How often it looks without being woken, in milliseconds, default 5,000: how late a dead letter
   * is handled whose wake-up got lost.
   */
  readonly pollMs?: number;
}

export interface Monitor {
  start(): Promise<void>;
  /** Waits for the handling and the mail under way. */
  stop(): Promise<void>;
  /** Says that there may be new dead letters. */
  wake(): void;
}

/** Handles dead letters and sends the mails that come of it, until it is stopped. */
export function createMonitor(options: MonitorOptions): Monitor {
  const { database, logger, metrics, pollMs = 5_000 } = options;
  const mailCounter = metrics.counter({
    name: 'hookline_notification_mails_total',
    help: 'Tries of mails, by result: sent or failed.',
  });
  const mails = createPeriodic({
    name: 'sending mails',
    intervalMs: pollMs,
    logger,
    runOnce: () => sendDueNotifications({ ...options, mails: mailCounter }),
  });
  const handler = createDeadLetterHandler({
    database,
    subscriptions: options.subscriptions,
    consoleUrl: options.consoleUrl,
    logger,
    ...(options.tracing !== undefined && { tracing: options.tracing }),
    disabled: metrics.counter({
      name: 'hookline_subscriptions_disabled_total',
      help: 'Subscriptions disabled by the dead-letter monitor, by cause.',
    }),
    onNotification: () => mails.wake(),
  });
  const deadLetters = createPeriodic({
    name: 'handling dead letters',
    intervalMs: pollMs,
    logger,
    runOnce: () => handler.runOnce(),
  });
  return {
    async start() {
      await Promise.all([mails.start(), deadLetters.start()]);
    },
    async stop() {
      await deadLetters.stop();
      await mails.stop();
    },
    wake: () => deadLetters.wake(),
  };
}
