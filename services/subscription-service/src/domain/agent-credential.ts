import { DomainError } from '@hookline/contracts';

/** What an agent credential is, without what is secret of it. */
export interface AgentCredentialFacts {
  readonly id: string;
  readonly tenant: string;
  readonly hostName: string;
  /** The host's token in NATS subjects. */
  readonly host: string;
  readonly description: string;
  /** `U…` */
  readonly userPublicKey: string;
  /** A key's id, or `bootstrap`. */
  readonly creator: string;
  /** RFC 3339; absent: never. */
  readonly expiresAt?: string;
}

/** What has happened to an agent credential. Times (`at`) are RFC 3339. */
export type AgentCredentialEvent =
  | ({ readonly type: 'AgentCredentialCreated'; readonly at: string } & AgentCredentialFacts)
  | { readonly type: 'AgentCredentialRevoked'; readonly at: string };

export type AgentCredentialState =
  | { readonly state: 'absent' }
  | ({ readonly state: 'working' | 'revoked'; readonly createdAt: string } & AgentCredentialFacts);

export type AgentCredentialCommand =
  | { readonly kind: 'create'; readonly facts: AgentCredentialFacts; readonly at: string }
  | { readonly kind: 'revoke'; readonly at: string };

/** The token of a host's name in NATS subjects: each dot becomes `-`. */
export function hostTokenOf(hostName: string): string {
  return hostName.replaceAll('.', '-');
}

/** The refusal for an id that is unknown or another tenant's: a caller cannot tell which. */
export function agentCredentialNotFound(): DomainError {
  return new DomainError(
    'not_found',
    'there is no agent credential of this id; it may be out of reach of this key',
  );
}

function decide(
  command: AgentCredentialCommand,
  state: AgentCredentialState,
): readonly AgentCredentialEvent[] {
  if (command.kind === 'create') {
    return [{ type: 'AgentCredentialCreated', ...command.facts, at: command.at }];
  }
  if (state.state === 'absent') throw agentCredentialNotFound();
  return state.state === 'revoked' ? [] : [{ type: 'AgentCredentialRevoked', at: command.at }];
}

function evolve(state: AgentCredentialState, event: AgentCredentialEvent): AgentCredentialState {
  if (event.type === 'AgentCredentialCreated') {
    const { type: _, at, ...facts } = event;
    return { state: 'working', ...facts, createdAt: at };
  }
  if (state.state === 'absent') {
    throw new Error(
      `a credential's log begins with ${event.type}, not with AgentCredentialCreated`,
    );
  }
  return { ...state, state: 'revoked' };
}

/** The agent credential aggregate. */
export const agentCredentialDecider = {
  decide,
  evolve,
  initialState: (): AgentCredentialState => ({ state: 'absent' }),
};
