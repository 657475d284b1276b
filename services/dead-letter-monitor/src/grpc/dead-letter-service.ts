import { DeadLetterServiceService } from '@hookline/contracts';
import { requireRole, type Sealer } from '@hookline/credentials';
import type { Database } from '@hookline/event-log';
import { type GrpcService, grpcService, metadataOfCall } from '@hookline/service-runtime';
import { createIncidentMethods } from './incident-methods.ts';
import { createReadMethods } from './read-methods.ts';
import { createRedriveMethods } from './redrive-methods.ts';
import { listRejected } from './rejected-list.ts';
import { type AskForResubmit, resubmitRejected } from './resubmit-rejected.ts';

export interface DeadLetterServiceDeps {
  readonly database: Database;
  readonly sealer: Sealer;
  readonly askForResubmit: AskForResubmit;
}

/** DeadLetterService: what failed, and how it is put right. */
export function createDeadLetterService(deps: DeadLetterServiceDeps): GrpcService {
  const { database, sealer } = deps;
  return grpcService(DeadLetterServiceService, {
    ...createReadMethods(database),
    ...createRedriveMethods(deps),
    ...createIncidentMethods(database),
    async listRejected(request, { caller }) {
      requireRole(caller, 'viewer');
      return await listRejected(database, caller.tenant, request);
    },
    async resubmitRejected(request, call) {
      requireRole(call.caller, 'editor');
      const metadata = await metadataOfCall(call, { sealer });
      return await resubmitRejected(deps, { request, metadata });
    },
  });
}
