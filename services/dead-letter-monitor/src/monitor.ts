import type { Database } from '@hookline/event-log';
import { createPeriodic, type Metrics } from '@hookline/service-runtime';
import type { Logger, Tracing } from '@hookline/telemetry';
import type { Announce } from './announce.ts';
import { createDeadLetterHandler, type Subscriptions } from './handle-dead-letters.ts';
import { handleRejected } from './handle-rejected.ts';
import type { SendMail } from './mail/mail.ts';
import { type Ping, probeEndpoints } from './probe-endpoints.ts';
import { sendDueNotifications } from './send-notifications.ts';
import { createIncidentSettler } from './settle-incidents.ts';
import { watchTroubles } from './watch-troubles.ts';

export interface MonitorOptions {
  readonly database: Database;
  readonly subscriptions: Subscriptions;
  readonly sendMail: SendMail;
  /** Tells those who subscribe to what Hookline says of itself. */
  readonly announce: Announce;
  /** Has a dispatcher ask an endpoint. */
  readonly ping: Ping;
  readonly consoleUrl: string;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** How many days resolved incidents and mails are kept. */
  readonly keptDays: number;
  /** Where spans go; by default nowhere. */
  readonly tracing?: Tracing;
  /**
   * How often it looks without being woken, in milliseconds, default 5,000: how late a dead letter
   * is handled whose wake-up got lost.
   */
  readonly pollMs?: number;
  /** How long people are not told again of what goes on, in milliseconds; default a day. */
  readonly repeatMs?: number;
  /** After how long people are told of deliveries given up, in milliseconds; default 15 minutes. */
  readonly graceMs?: number;
}

export interface Monitor {
  start(): Promise<void>;
  /** Waits for the handling and the mail under way. */
  stop(): Promise<void>;
  /** Says that there may be new dead letters. */
  wake(): void;
  /** Says that there may be new rejected messages. */
  wakeRejected(): void;
  /** Says that a mail was written. */
  wakeMails(): void;
}

const REPEAT_MS = 24 * 60 * 60 * 1000;
const GRACE_MS = 15 * 60 * 1000;
/** What dies within this is handled together: an endpoint that hangs gives up many deliveries a second. */
const APART_MS = 500;

/** Handles what failed, and sends the mails that come of it, until it is stopped. */
export function createMonitor(options: MonitorOptions): Monitor {
  const { logger, metrics, pollMs = 5_000 } = options;
  const { repeatMs = REPEAT_MS, graceMs = GRACE_MS } = options;
  const apartMs = Math.min(APART_MS, pollMs);
  const periodic = (name: string, runOnce: () => Promise<unknown>) =>
    createPeriodic({ name, intervalMs: pollMs, apartMs, logger, runOnce });

  const mailCounter = metrics.counter({
    name: 'hookline_notification_mails_total',
    help: 'Tries of mails, by result: sent or failed.',
  });
  const mails = periodic('sending mails', () =>
    sendDueNotifications({ ...options, mails: mailCounter }),
  );
  const parts = { ...options, repeatMs, graceMs, onNotification: () => mails.wake() };
  const handler = createDeadLetterHandler({
    ...parts,
    disabled: metrics.counter({
      name: 'hookline_subscriptions_disabled_total',
      help: 'Subscriptions disabled by the dead-letter monitor, by cause.',
    }),
  });
  const settler = createIncidentSettler(options);
  const deadLetters = periodic('handling dead letters', () => handler.runOnce());
  const rejected = periodic('handling rejected messages', () => handleRejected(parts));
  const looking = [
    periodic('settling incidents', () => settler.runOnce()),
    periodic('looking for trouble', () => watchTroubles(parts)),
    periodic('probing endpoints', () => probeEndpoints(options)),
  ];
  const handling = [deadLetters, rejected, ...looking];
  return {
    async start() {
      await Promise.all([mails, ...handling].map((part) => part.start()));
    },
    async stop() {
      await Promise.all(handling.map((part) => part.stop()));
      await mails.stop();
    },
    wake: () => deadLetters.wake(),
    wakeRejected: () => rejected.wake(),
    wakeMails: () => mails.wake(),
  };
}
