import { DomainError } from '@hookline/contracts';
import type { Caller, Role } from './api-key.ts';

// admin may do what editor may, editor what viewer may. A publisher may publish and nothing else,
// and only an admin may publish as well: a stolen publisher key reads and changes nothing.
const includes: Readonly<Record<Role, readonly Role[]>> = {
  admin: ['admin', 'editor', 'viewer', 'publisher'],
  editor: ['editor', 'viewer'],
  viewer: ['viewer'],
  publisher: ['publisher'],
};

/** Whether the caller's role is one of these or includes one of them. */
export function hasRole(caller: Caller, ...allowed: readonly Role[]): boolean {
  return includes[caller.role].some((role) => allowed.includes(role));
}

/**
 * Lets the caller pass when its role is one of these or includes one of them (an admin may do
 * everything, an editor what a viewer may).
 *
 * @throws DomainError `permission_denied`, naming the role the key has and the ones that may.
 */
export function requireRole(caller: Caller, ...allowed: readonly Role[]): void {
  if (hasRole(caller, ...allowed)) return;
  throw new DomainError(
    'permission_denied',
    `the API key ${caller.keyId} has the role ${caller.role}; this needs ${allowed.join(' or ')}`,
  );
}
