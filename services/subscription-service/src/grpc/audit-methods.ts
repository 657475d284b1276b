import type { AdminServiceService, AuditEntry, ListAuditRequest } from '@hookline/contracts';
import { requireRole } from '@hookline/credentials';
import {
  type GrpcImplementation,
  readPageSize,
  readPageToken,
  writePageToken,
} from '@hookline/service-runtime';
import { countFault, faultAt, refuseFaults, textFault } from '@hookline/subscriptions';
import { reachTenant } from '../postgres/act.ts';
import { type AuditCursor, type AuditedAct, listAudit } from '../postgres/audit-log.ts';
import { pageOf } from './admin-call.ts';
import type { AdminParts } from './admin-service.ts';

const ACTIONS_MAX = 100;
const TEXT_MAX = 200;

export function auditMethods({
  administration,
}: AdminParts): GrpcImplementation<typeof AdminServiceService> {
  const { database, sealer } = administration;
  return {
    async listAudit(request, { caller }) {
      requireRole(caller, 'admin');
      refuseFaulty(request);
      // The acts on a tenant that was deleted stay, without what was personal.
      const tenant = await reachTenant(database, caller, request.tenant, { deleted: true });
      const { actorId, targetId, actions, startTime, endTime } = request;
      const question = { tenant, actorId, targetId, actions, startTime, endTime };
      const before = readCursor(readPageToken(request.pageToken, question));
      const size = readPageSize(request.pageSize);
      const acts = await listAudit(database, sealer, {
        ...{ tenant, actorId, targetId, actions },
        ...(startTime !== undefined && { startTime }),
        ...(endTime !== undefined && { endTime }),
        ...(before !== undefined && { before }),
        limit: size + 1,
      });
      const { page, last } = pageOf(acts, size);
      return {
        entries: page.map(toMessage),
        nextPageToken:
          last === undefined
            ? ''
            : writePageToken([last.time.toISOString(), String(last.position)], question),
      };
    },
  };
}

function refuseFaulty({ actorId, targetId, actions }: ListAuditRequest): void {
  const faults = [
    ...faultAt('actor_id', textFault(actorId, { max: TEXT_MAX })),
    ...faultAt('target_id', textFault(targetId, { max: TEXT_MAX })),
    ...faultAt('actions', countFault(actions.length, { max: ACTIONS_MAX, what: 'actions' })),
    ...actions.flatMap((action, index) => faultAt(`actions[${index}]`, actionFault(action))),
  ];
  if (faults.length > 0) throw refuseFaults(faults);
}

function actionFault(action: string): string | undefined {
  if (action.length <= TEXT_MAX && /^([a-z0-9_.]+\*?|\*)$/.test(action)) return undefined;
  return 'it is no action; write one like subscription.secret_rotated, or subscription.* for all that begin so';
}

function readCursor(cursor: readonly string[] | undefined): AuditCursor | undefined {
  if (cursor === undefined) return undefined;
  const [time = '', position = ''] = cursor;
  return { time: new Date(time), position: BigInt(position) };
}

function toMessage(act: AuditedAct): AuditEntry {
  return {
    // An entry is an event of the log, and has its id under the name of an entry.
    id: act.eventId.replace(/^evt_/, 'aud_'),
    time: act.time,
    actor: { id: act.actorId, name: act.actorName, remoteAddress: act.remoteAddress },
    action: act.action,
    targetId: act.targetId,
    reason: act.reason,
    changes: act.changes as Record<string, unknown> | undefined,
    traceId: act.traceId,
  };
}
