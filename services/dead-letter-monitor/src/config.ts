import {
  type CommonConfig,
  combineConfig,
  commonConfig,
  type Environment,
  mailFolder,
  mailVariables,
  readEnv,
} from '@hookline/service-runtime';

export interface MonitorConfig extends CommonConfig {
  /** Mails go there; without it, into `mailFolder`. */
  readonly smtpUrl: string | undefined;
  readonly smtpFrom: string;
  readonly mailFolder: string;
  /** Where mails say that the console is, with a slash at the end. */
  readonly consoleUrl: string;
}

const ANY_ADDRESS = new Set(['0.0.0.0', '::']);

/** @throws ConfigurationError */
export function monitorConfig(env: Environment): MonitorConfig {
  const { common, mail } = combineConfig(env, {
    common: commonConfig,
    mail: (values) => readEnv(values, mailVariables),
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
