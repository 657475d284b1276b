import { runService } from '@hookline/service-runtime';
import { monitorConfig } from './config.ts';
import { startDeadLetterMonitor } from './service.ts';

await runService({
  name: 'dead-letter-monitor',
  configure: monitorConfig,
  start: startDeadLetterMonitor,
});
