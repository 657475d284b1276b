import { runService } from '@hookline/service-runtime';
import { dispatcherConfig } from './config.ts';
import { startDispatcher } from './service.ts';
import { createFailpoints } from './test-failpoints.ts';

await runService({
  name: 'dispatcher',
  configure: dispatcherConfig,
  start: (config, context) =>
    startDispatcher(config, context, createFailpoints(process.env.FAILPOINT ?? '')),
});
