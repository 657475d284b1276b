import { runService } from '@hookline/service-runtime';
import { gatewayConfig } from './config.ts';
import { startGateway } from './service.ts';

await runService({ name: 'producer-gateway', configure: gatewayConfig, start: startGateway });
