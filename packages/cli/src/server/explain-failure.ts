import { AgentError } from '@hookline/agent';
import { type DomainError, readErrorReason } from '@hookline/contracts';
import { fromGrpcError } from '@hookline/service-runtime/grpc-client';
import type { Options } from '../command/option.ts';
import { CommandFailed } from '../command-failed.ts';
import { exitCodes } from '../output/exit-codes.ts';
import { NoServerError } from './find-server.ts';

/** What is said of a failure, and what the command ends with. */
export interface Explained {
  readonly text: string;
  readonly exitCode: number;
}

/** What went wrong, in words for whoever ran the command; fields are named by the flags that fill them. */
export function explainFailure(error: unknown, options: Options): Explained {
  if (error instanceof NoServerError) {
    return { text: error.message, exitCode: exitCodes.unreachable };
  }
  if (error instanceof CommandFailed) return { text: error.message, exitCode: error.exitCode };
  if (error instanceof AgentError) {
    return { text: error.message, exitCode: AGENT_CODES[error.code] ?? exitCodes.failed };
  }
  const refusal = fromGrpcError(error);
  if (refusal !== undefined) return explainRefusal(refusal, error, options);
  const text = error instanceof Error ? error.message || error.name : String(error);
  return { text, exitCode: exitCodes.failed };
}

const AGENT_CODES: Readonly<Partial<Record<AgentError['code'], number>>> = {
  invalid_credentials: exitCodes.usage,
  invalid_event: exitCodes.usage,
  credentials_refused: exitCodes.notAllowed,
  unreachable: exitCodes.unreachable,
};

const REFUSAL_CODES: Readonly<Partial<Record<DomainError['code'], number>>> = {
  invalid_argument: exitCodes.usage,
  not_found: exitCodes.notFound,
  unauthenticated: exitCodes.notAllowed,
  permission_denied: exitCodes.notAllowed,
  unavailable: exitCodes.unreachable,
  unimplemented: exitCodes.unimplemented,
};

function explainRefusal(refusal: DomainError, error: unknown, options: Options): Explained {
  return {
    text: refusalText(refusal, error, options),
    exitCode: REFUSAL_CODES[refusal.code] ?? exitCodes.failed,
  };
}

function refusalText(
  { code, message, fields }: DomainError,
  error: unknown,
  options: Options,
): string {
  switch (code) {
    case 'unauthenticated':
      return `${message}: set HOOKLINE_API_KEY to a valid key, or give --api-key`;
    case 'unavailable':
      // Without a reason it is not the service that speaks but the connection to it.
      return readErrorReason(error) === undefined
        ? `Hookline cannot be reached (${message}): is it running? npx pnpm hookline doctor says more`
        : message;
    case 'unimplemented':
      return `the Hookline that runs has not got this yet (${message}): upgrade it`;
    default:
      return fields.length === 0
        ? message
        : fields.map(({ field, detail }) => `${flagOf(field, options)}: ${detail}`).join('\n');
  }
}

/** The flag that fills a field, or the field itself: `subscription.filter.types[0]` is --event. */
function flagOf(field: string, options: Options): string {
  const path = field.replace(/\[.*$/, '');
  const fits: readonly ((own: string) => boolean)[] = [
    (own) => path === own,
    (own) => path.startsWith(`${own}.`),
    (own) => path.endsWith(`.${own}`),
  ];
  for (const fit of fits) {
    const found = Object.entries(options).find(
      ([, { field: own }]) => own !== undefined && fit(own),
    );
    if (found !== undefined) return `--${found[0]}`;
  }
  return field;
}
