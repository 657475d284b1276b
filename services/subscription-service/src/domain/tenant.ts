import { DomainError } from '@hookline/contracts';

/** What a tenant may use; absent: the installation's default. */
export interface TenantQuotas {
  readonly subscriptionsMax?: number;
  readonly eventsPerSecondMax?: number;
  readonly requestsPerSecondMax?: number;
  readonly credentialsMax?: number;
}

/** What may be changed of a tenant. */
export interface TenantSettings {
  readonly controlName: string;
  readonly contacts: readonly string[];
  readonly controlDomain: string;
  readonly controlSupportLink: string;
  readonly quotas: TenantQuotas;
  readonly customEventTypes: readonly string[];
  readonly strictEventTypes: boolean;
}

/** New values of some settings; in quotas null takes one back to the installation's default. */
export type TenantChanges = Partial<Omit<TenantSettings, 'quotas'>> & {
  readonly quotas?: { readonly [K in keyof TenantQuotas]: number | null };
};

/** What has happened to a tenant. Times (`at`) are RFC 3339. */
export type TenantEvent =
  | {
      readonly type: 'TenantCreated';
      readonly id: string;
      readonly name: string;
      readonly settings: TenantSettings;
      readonly at: string;
    }
  | {
      readonly type: 'TenantUpdated';
      /** Those that changed alone. */
      readonly settings: Partial<TenantSettings>;
      readonly at: string;
    }
  | { readonly type: 'TenantDeleted'; readonly at: string };

export type TenantState =
  | { readonly state: 'absent' }
  | {
      readonly state: 'active' | 'deleted';
      readonly id: string;
      readonly name: string;
      readonly settings: TenantSettings;
      readonly createdAt: string;
      readonly updatedAt: string;
    };

export type TenantCommand =
  | {
      readonly kind: 'create';
      readonly id: string;
      readonly name: string;
      readonly settings: TenantSettings;
      readonly at: string;
    }
  | {
      readonly kind: 'update';
      readonly changes: TenantChanges;
      /** Whether it is the operator who asks. */
      readonly byOperator: boolean;
      readonly at: string;
    }
  | { readonly kind: 'delete'; readonly confirmName: string; readonly at: string };

/** The operator's tenant: it is always there. */
export const OPERATOR_TENANT = 'default';

export const noSettings: TenantSettings = {
  controlName: '',
  contacts: [],
  controlDomain: '',
  controlSupportLink: '',
  quotas: {},
  customEventTypes: [],
  strictEventTypes: false,
};

/** The refusal for an id or name that is unknown, deleted or not one's own: a caller cannot tell which. */
export function tenantNotFound(): DomainError {
  return new DomainError(
    'not_found',
    'there is no such tenant; it may have been deleted, or be out of reach of this key',
  );
}

/**
 * What a command makes happen; nothing when it asks for what is already so.
 *
 * Throws DomainError `not_found`, `permission_denied` when another than the operator changes the
 * quotas, `failed_precondition` for a deletion that is not confirmed or of the operator's tenant.
 */
export function decideTenant(command: TenantCommand, state: TenantState): readonly TenantEvent[] {
  if (command.kind === 'create') {
    const { kind: _, ...created } = command;
    return [{ type: 'TenantCreated', ...created }];
  }
  if (state.state !== 'active') throw tenantNotFound();
  if (command.kind === 'delete') {
    refuseDeletion(state.name, command.confirmName);
    return [{ type: 'TenantDeleted', at: command.at }];
  }
  const settings = changed(state.settings, command.changes);
  if (settings.quotas !== undefined && !command.byOperator) {
    throw new DomainError(
      'permission_denied',
      'only the operator, an admin of tenant "default", changes quotas; leave `quotas` out of update_mask',
    );
  }
  if (Object.keys(settings).length === 0) return [];
  return [{ type: 'TenantUpdated', settings, at: command.at }];
}

function refuseDeletion(name: string, confirmName: string): void {
  if (name === OPERATOR_TENANT) {
    throw new DomainError(
      'failed_precondition',
      'tenant "default" is the operator\'s own and cannot be deleted',
    );
  }
  if (name !== confirmName) {
    throw new DomainError(
      'failed_precondition',
      `confirm_name is not the tenant's name; to delete it for good, send confirm_name "${name}"`,
    );
  }
}

/** The settings that differ afterwards, with their new values. */
function changed(before: TenantSettings, changes: TenantChanges): Partial<TenantSettings> {
  const { quotas, ...others } = changes;
  const wanted = {
    ...others,
    ...(quotas !== undefined && { quotas: withoutNulls({ ...before.quotas, ...quotas }) }),
  };
  const entries = Object.entries(wanted).filter(
    ([name, value]) => textOf(value) !== textOf(before[name as keyof TenantSettings]),
  );
  return Object.fromEntries(entries);
}

function withoutNulls(quotas: { readonly [K in keyof TenantQuotas]: number | null }): TenantQuotas {
  return Object.fromEntries(Object.entries(quotas).filter(([, value]) => value !== null));
}

/** JSON with an object's members in order, for comparing. */
function textOf(value: unknown): string {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return JSON.stringify(isObject ? Object.entries(value).sort() : value);
}

/** What the tenant is after the event. */
export function evolveTenant(state: TenantState, event: TenantEvent): TenantState {
  if (event.type === 'TenantCreated') {
    const { type: _, at, ...created } = event;
    return { state: 'active', ...created, createdAt: at, updatedAt: at };
  }
  if (state.state === 'absent') {
    throw new Error(`a tenant's log begins with ${event.type}, not with TenantCreated`);
  }
  if (event.type === 'TenantDeleted') return { ...state, state: 'deleted', updatedAt: event.at };
  return { ...state, settings: { ...state.settings, ...event.settings }, updatedAt: event.at };
}

/** The Tenant aggregate. */
export const tenantDecider = {
  decide: decideTenant,
  evolve: evolveTenant,
  initialState: (): TenantState => ({ state: 'absent' }),
};
