import { runService } from '@hookline/service-runtime';
import { subscriptionServiceConfig } from './config.ts';
import { startSubscriptionService } from './service.ts';

await runService({
  name: 'subscription-service',
  configure: subscriptionServiceConfig,
  start: startSubscriptionService,
});
