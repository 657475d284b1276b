/** What an incident is about; the names are those of the API. */
export type IncidentKindText =
  | 'deliveries_dead'
  | 'subscription_disabled'
  | 'ingest_rejected'
  | 'outbox_stuck'
  | 'ordered_head_stuck'
  | 'projection_lagging'
  | 'agent_silent'
  | 'broker_advisory'
  | 'notification_failed';

/** Who hears of trouble that is nobody's in particular: the tenant whose admins operate Hookline. */
export const OPERATOR_TENANT = 'default';

/** Trouble that shows, as it is counted in the incident of its group. */
export interface Showing {
  readonly tenant: string;
  readonly kind: IncidentKindText;
  /** Of those open in a tenant, one incident has it. */
  readonly groupKey: string;
  readonly subscriptionId?: string;
  readonly host?: string;
  /** The code that groups it, such as `http_500`. */
  readonly cause: string;
  /** How the attempts behind it ended. */
  readonly outcome?: string;
  readonly summary: string;
  readonly suggestion: string;
  readonly count: number;
  readonly firstAt: Date;
  readonly lastAt: Date;
}

/** How a showing changes the count of an incident that is open: by as many more, or to so many at once. */
export type Counting = 'more' | 'at_once';

/** An incident after a showing was counted. */
export interface ShownIncident {
  readonly id: string;
  readonly isNew: boolean;
  readonly kind: IncidentKindText;
  readonly count: number;
  readonly firstAt: Date;
  /** When people were last told of it, or of the one before it of the same group. */
  readonly toldAt: Date | undefined;
}

/** Whether people are to be told of an incident that shows now: once, and again after the interval. */
export function isToBeTold(
  { toldAt }: Pick<ShownIncident, 'toldAt'>,
  { now, repeatMs }: { readonly now: Date; readonly repeatMs: number },
): boolean {
  return toldAt === undefined || now.getTime() - toldAt.getTime() >= repeatMs;
}

/**
 * The code of what a delivery was given up for: the outcome of its last attempt, with the HTTP status
 * where there is one to tell apart.
 */
export function causeCode(cause: string, httpStatus: number | undefined): string {
  return cause === 'http_error' && httpStatus !== undefined ? `http_${httpStatus}` : cause;
}
