/** What messaging needs of a logger; a logger of @hookline/telemetry is one. */
export interface LoggerPort {
  info(context: object, message: string): void;
  warn(context: object, message: string): void;
  error(context: object, message: string): void;
}
