import { headerOf, type TrialJson } from './trial.ts';

/** The shell command that verifies a request; undefined for one that carries no signature. */
export function verifyCommand(trial: TrialJson, run: string): string | undefined {
  const standard = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) =>
    headerOf(trial, name),
  );
  if (standard.some((value) => value === undefined)) return undefined;
  const signature = standard.map((value) => quoted(value ?? '')).join(' ');
  return `printf %s ${quoted(trial.body)} | WEBHOOK_SECRET=${quoted(trial.secret)} ${run} standard ${signature}`;
}

/** As the shell takes any text for itself. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
