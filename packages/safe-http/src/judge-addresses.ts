import { classifyAddress, type OutboundPolicy } from './address-rules.ts';
import { codeOf, describe } from './errors.ts';
import type { DialFailure } from './outcome.ts';
import type { Resolve } from './resolver.ts';
import { refuseAddress, type Target } from './url-rules.ts';

/** An address that may be dialled. */
export interface JudgedAddress {
  readonly address: string;
  /** In a subnet that the operator opened, so on a network of their own. */
  readonly isAllowed: boolean;
}

export interface JudgeDeps {
  readonly policy: OutboundPolicy;
  readonly resolve: Resolve;
}

/** Answers the addresses of a target that may be dialled, all of them or a failure. */
export async function judgeAddresses(
  target: Target,
  deps: JudgeDeps,
): Promise<
  | { readonly ok: true; readonly addresses: readonly JudgedAddress[] }
  | { readonly ok: false; readonly failure: DialFailure }
> {
  let answers: readonly string[];
  try {
    answers = target.literal === undefined ? await deps.resolve(target.host) : [target.host];
    if (answers.length === 0) throw Object.assign(new Error('no address'), { code: 'ENODATA' });
  } catch (error) {
    const code = codeOf(error);
    const failure = {
      kind: 'dns_failed',
      code,
      error: `${target.host} ${describe(code)}.`,
    } as const;
    return { ok: false, failure };
  }
  const addresses: JudgedAddress[] = [];
  for (const answer of answers) {
    const verdict = classifyAddress(answer, deps.policy);
    const refused = refuseAddress(verdict, target, deps.policy);
    if (refused !== undefined) {
      const { code, reason } = refused;
      return { ok: false, failure: { kind: 'refused', code, error: reason, address: answer } };
    }
    if (verdict.kind !== 'forbidden') {
      addresses.push({ address: verdict.connectTo, isAllowed: verdict.kind === 'allowed' });
    }
  }
  return { ok: true, addresses };
}
