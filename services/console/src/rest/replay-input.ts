import { Filter, GrpcPhase, GrpcStatus, Replay } from '@hookline/contracts';
import { enumNumbers } from './enum-numbers.ts';
import { instantOf } from './times.ts';

/** The body of `POST /v1/replays`. */
export interface ReplayInput {
  readonly webhook_id: string;
  readonly from: string;
  readonly to?: string;
  readonly events?: readonly string[];
  readonly statuses?: readonly string[];
  readonly phases?: readonly string[];
  readonly subjects?: readonly string[];
  readonly undelivered_only?: boolean;
  readonly deliveries_per_second?: number;
  readonly description?: string;
}

/** The replay that a body asks for. */
export function toReplay(input: ReplayInput): Replay {
  return Replay.fromPartial({
    source: {
      $case: 'events',
      value: {
        subscriptionId: input.webhook_id,
        startTime: instantOf(input.from),
        endTime: instantOf(input.to),
        filter: filterOf(input),
        undeliveredOnly: input.undelivered_only ?? false,
      },
    },
    description: input.description ?? '',
    deliveriesPerSecond: input.deliveries_per_second,
  });
}

/** None when nothing narrows it: then the webhook's own filter counts. A filter must name types. */
function filterOf({ events, statuses, phases, subjects }: ReplayInput): Filter | undefined {
  if ([events, statuses, phases, subjects].every((part) => part === undefined)) return undefined;
  return Filter.fromPartial({
    types: [...(events ?? ['*'])],
    statuses: enumNumbers(GrpcStatus, 'STATUS_', statuses),
    phases: enumNumbers(GrpcPhase, 'PHASE_', phases),
    subjects: [...(subjects ?? [])],
  });
}
