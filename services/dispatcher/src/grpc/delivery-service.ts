import { DeliveryServiceService } from '@hookline/contracts';
import { type GrpcService, grpcService } from '@hookline/service-runtime';
import { createReadMethods } from './read-methods.ts';
import { createReplayMethods, type ReplayMethodsDeps } from './replay-methods.ts';
import { createRetryMethods, type RetryMethodsDeps } from './retry-methods.ts';
import { createTailAttempts, type TailDeps } from './tail-attempts.ts';
import { createTryWebhook, type TryDeps } from './try-webhook.ts';

/** DeliveryService over the attempt log and the schedule, each call within the caller's tenant. */
export function createDeliveryService(
  deps: ReplayMethodsDeps & RetryMethodsDeps & TailDeps & TryDeps,
): GrpcService {
  return grpcService(DeliveryServiceService, {
    ...createReadMethods(deps.database),
    ...createReplayMethods(deps),
    ...createRetryMethods(deps),
    tailAttempts: createTailAttempts(deps),
    tryWebhook: createTryWebhook(deps),
  });
}
