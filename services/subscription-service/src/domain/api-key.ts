import { DomainError } from '@hookline/contracts';
import type { Role } from '@hookline/credentials';

/** What an API key is, without its credential. */
export interface ApiKeyFacts {
  readonly id: string;
  readonly tenant: string;
  readonly role: Role;
  readonly name: string;
  /** SHA-256 of the credential, which has 256 random bits: nothing can be guessed from it. */
  readonly keyHash: string;
  /** The first characters of the credential. */
  readonly prefix: string;
  /** A key's id, or `bootstrap`. */
  readonly creator: string;
  /** RFC 3339; absent: never. */
  readonly expiresAt?: string;
}

/** What has happened to an API key. Times (`at`) are RFC 3339. */
export type ApiKeyEvent =
  | ({ readonly type: 'ApiKeyCreated'; readonly at: string } & ApiKeyFacts)
  | { readonly type: 'ApiKeyRevoked'; readonly at: string };

export type ApiKeyState =
  | { readonly state: 'absent' }
  | ({ readonly state: 'working' | 'revoked'; readonly createdAt: string } & ApiKeyFacts);

export type ApiKeyCommand =
  | { readonly kind: 'create'; readonly facts: ApiKeyFacts; readonly at: string }
  | { readonly kind: 'revoke'; readonly at: string };

/** The refusal for an id that is unknown or another tenant's: a caller cannot tell which. */
export function apiKeyNotFound(): DomainError {
  return new DomainError(
    'not_found',
    'there is no API key of this id; it may be out of reach of this key',
  );
}

function decide(command: ApiKeyCommand, state: ApiKeyState): readonly ApiKeyEvent[] {
  if (command.kind === 'create') {
    return [{ type: 'ApiKeyCreated', ...command.facts, at: command.at }];
  }
  if (state.state === 'absent') throw apiKeyNotFound();
  return state.state === 'revoked' ? [] : [{ type: 'ApiKeyRevoked', at: command.at }];
}

function evolve(state: ApiKeyState, event: ApiKeyEvent): ApiKeyState {
  if (event.type === 'ApiKeyCreated') {
    const { type: _, at, ...facts } = event;
    return { state: 'working', ...facts, createdAt: at };
  }
  if (state.state === 'absent') {
    throw new Error(`an API key's log begins with ${event.type}, not with ApiKeyCreated`);
  }
  return { ...state, state: 'revoked' };
}

/** The API key aggregate. */
export const apiKeyDecider = {
  decide,
  evolve,
  initialState: (): ApiKeyState => ({ state: 'absent' }),
};
