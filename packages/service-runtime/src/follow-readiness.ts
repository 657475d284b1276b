import type { Logger } from '@hookline/telemetry';
import type { HealthServer } from './health-server.ts';
import type { Metrics } from './metrics.ts';
import { createPeriodic, type Periodic } from './periodic.ts';

export interface FollowReadinessOptions {
  readonly health: Pick<HealthServer, 'failing'>;
  readonly metrics: Pick<Metrics, 'gauge'>;
  readonly logger: Logger;
  /** Hears at every look whether the service can do its job; gRPC's health says the same. */
  readonly onLook: (ready: boolean) => void;
}

/** Together with the 2 s that a check may take, a loss is known within 5 s. */
const LOOK_EVERY_MS = 2_000;

/** Looks at the checks all the time, tells what changed in one line, and shows it as a metric. */
export function followReadiness(options: FollowReadinessOptions): Periodic {
  const { health, metrics, logger, onLook } = options;
  let known = '';
  let ready = true;
  metrics.gauge({
    name: 'hookline_ready',
    help: 'Whether the service can do its job: 1, or 0.',
    collect: () => (ready ? 1 : 0),
  });

  const runOnce = async (): Promise<void> => {
    const failing = await health.failing();
    const names = [...failing.keys()].join(', ');
    ready = failing.size === 0;
    onLook(ready);
    if (names === known) return;
    known = names;
    if (ready) logger.info('ready again');
    else logger.warn({ not_ready: Object.fromEntries(failing) }, `not ready: ${names}`);
  };

  return createPeriodic({
    name: 'looking at readiness',
    intervalMs: LOOK_EVERY_MS,
    runOnce,
    logger,
  });
}
