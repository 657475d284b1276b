import {
  type CommonConfig,
  combineConfig,
  commonConfig,
  type Environment,
  integer,
  mailFolder,
  mailVariables,
  readEnv,
  retentionVariables,
} from '@hookline/service-runtime';

export interface MonitorConfig extends CommonConfig {
  /** Mails go there; without it, into `mailFolder`. */
  readonly smtpUrl: string | undefined;
  readonly smtpFrom: string;
  readonly mailFolder: string;
  /** Resolved incidents and mails are kept for so long. */
  readonly retentionDays: number;
  /** People are not told again of what goes on before so many hours have passed. */
  readonly notificationRepeatHours: number;
  /** Where mails say that the console is, with a slash at the end. */
  readonly consoleUrl: string;
}

const monitorVariables = {
  retentionDays: retentionVariables.retentionDays,
  notificationRepeatHours: integer({
    name: 'HOOKLINE_NOTIFICATION_REPEAT_HOURS',
    fallback: 24,
    min: 1,
    max: 720,
    unit: 'hours',
  }),
};

const ANY_ADDRESS = new Set(['0.0.0.0', '::']);

/** @throws ConfigurationError */
export function monitorConfig(env: Environment): MonitorConfig {
  const { common, mail } = combineConfig(env, {
    common: commonConfig,
    mail: (values) => readEnv(values, { ...mailVariables, ...monitorVariables }),
  });
  return {
    ...common,
    ...mail,
    mailFolder: mailFolder(common),
    consoleUrl: consoleUrlOf(common.bind, common.ports.console),
  };
}

function consoleUrlOf(bind: string, port: number): string {
  const host = ANY_ADDRESS.has(bind) ? 'localhost' : bind;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}/`;
}
