import { runService } from '@hookline/service-runtime';
import { consoleConfig } from './config.ts';
import { startConsole } from './service.ts';

await runService({ name: 'console', configure: consoleConfig, start: startConsole });
