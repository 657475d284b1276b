import { runService } from '@hookline/service-runtime';
import { dispatcherConfig } from './config.ts';
import { startDispatcher } from './service.ts';

await runService({ name: 'dispatcher', configure: dispatcherConfig, start: startDispatcher });
