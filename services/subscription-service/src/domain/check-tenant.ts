import {
  ContractError,
  checkEventType,
  type FieldViolation,
  isTenantName,
} from '@hookline/contracts';
import { countFault, emailFault, faultAt, textFault } from '@hookline/subscriptions';
import type { TenantChanges } from './tenant.ts';

const CONTROL_NAME_MAX = 100;
const CONTACTS_MAX = 10;
const LINK_MAX = 2_000;
const EVENT_TYPES_MAX = 1_000;
const HOST_NAME =
  /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/i;

/** The fault of a new tenant's name. */
export function checkTenantName(name: string): FieldViolation[] {
  if (isTenantName(name)) return [];
  return faultAt('name', 'use 1 to 40 characters of a-z, 0-9 and -');
}

/** Every fault of the values that are given. Field names are those of the proto. */
export function checkTenantChanges(changes: TenantChanges): FieldViolation[] {
  return [
    ...faultAt('control_name', textFault(changes.controlName ?? '', { max: CONTROL_NAME_MAX })),
    ...checkContacts(changes.contacts ?? []),
    ...checkControlDomain(changes.controlDomain ?? ''),
    ...checkSupportLink(changes.controlSupportLink ?? ''),
    ...checkQuotas(changes.quotas ?? {}),
    ...checkEventTypes(changes.customEventTypes ?? []),
  ];
}

function checkContacts(contacts: readonly string[]): FieldViolation[] {
  const tooMany = countFault(contacts.length, { max: CONTACTS_MAX, what: 'addresses' });
  if (tooMany !== undefined) return faultAt('contacts', tooMany);
  return contacts.flatMap((contact, index) => faultAt(`contacts[${index}]`, emailFault(contact)));
}

function checkControlDomain(domain: string): FieldViolation[] {
  if (domain === '' || HOST_NAME.test(domain)) return [];
  return faultAt('control_domain', 'it is not a host name; write one like panel.example.com');
}

function checkSupportLink(link: string): FieldViolation[] {
  const field = 'control_support_link';
  if (link === '') return [];
  const url = URL.parse(link);
  const isWeb = url !== null && ['https:', 'http:'].includes(url.protocol);
  if (!isWeb) return faultAt(field, 'it is not a URL; write one like https://example.com/help');
  if (url.username !== '' || url.password !== '') {
    return faultAt(field, 'it holds a user name or a password; leave them out');
  }
  return faultAt(field, textFault(link, { max: LINK_MAX }));
}

function checkQuotas(quotas: NonNullable<TenantChanges['quotas']>): FieldViolation[] {
  const { subscriptionsMax, eventsPerSecondMax, requestsPerSecondMax, credentialsMax } = quotas;
  const count = (name: string, value: number | null | undefined) =>
    value === undefined || value === null || (Number.isSafeInteger(value) && value >= 0)
      ? []
      : faultAt(`quotas.${name}`, 'it must be 0 or more, and below 2^53');
  const rate = (name: string, value: number | null | undefined) =>
    value === undefined || value === null || (Number.isFinite(value) && value > 0)
      ? []
      : faultAt(`quotas.${name}`, 'it must be a number above 0');
  return [
    ...count('subscriptions_max', subscriptionsMax),
    ...rate('events_per_second_max', eventsPerSecondMax),
    ...rate('requests_per_second_max', requestsPerSecondMax),
    ...count('credentials_max', credentialsMax),
  ];
}

function checkEventTypes(types: readonly string[]): FieldViolation[] {
  const field = 'custom_event_types';
  const tooMany = countFault(types.length, { max: EVENT_TYPES_MAX, what: 'event types' });
  if (tooMany !== undefined) return faultAt(field, tooMany);
  return types.flatMap((type, index) => faultAt(`${field}[${index}]`, eventTypeFault(type)));
}

function eventTypeFault(type: string): string | undefined {
  try {
    checkEventType(type);
    return undefined;
  } catch (error) {
    if (error instanceof ContractError) return error.message;
    throw error;
  }
}
