/** A JSON object, as `JSON.parse` gives it. */
export interface JsonObject {
  readonly [name: string]: unknown;
}

/**
 * The data of `server.*`. Hookline passes on what the hypervisor's agent published and checks none
 * of it, which is why everything here may be absent; further members come as they were published.
 */
export interface ServerData extends JsonObject {
  readonly server_id?: string | number;
  readonly name?: string;
  readonly status?: string;
  readonly ip?: string;
  /** What went wrong, on status fail. */
  readonly error?: unknown;
  /** The message of the system that it came from, where an adapter translated it. */
  readonly source?: unknown;
}

/** The data of `server.ipv4.*`: the addresses, where they are known. */
export interface Ipv4Data extends ServerData {
  readonly ipv4?: { readonly block?: unknown; readonly ip?: unknown };
}

/** The data of `server.ipv6.*`. */
export interface Ipv6Data extends ServerData {
  readonly ipv6?: {
    readonly block?: unknown;
    readonly subnet?: unknown;
    readonly ip?: unknown;
    readonly routeBlock?: unknown;
    readonly routeSubnet?: unknown;
  };
}

/** The data of `server.created`: what was asked for and what was given, where the source says so. */
export interface ServerCreatedData extends ServerData {
  readonly args?: JsonObject;
  readonly allocation?: JsonObject;
}

/** The data of `user.*`. */
export interface UserData extends JsonObject {
  readonly id?: string | number;
  readonly user?: JsonObject;
  /** On `user.updated`, the user before and after. */
  readonly before?: JsonObject;
  readonly after?: JsonObject;
}

/** The data of `hypervisor.*`. */
export interface HypervisorData extends JsonObject {
  readonly hypervisor?: JsonObject;
  readonly status?: string;
  readonly type?: string;
}

/** The data of `system.backup.*`. */
export interface SystemBackupData extends JsonObject {
  readonly log?: JsonObject;
}

/** The data that events of a type have. */
export type EventData<Type extends string> = Type extends 'server.created'
  ? ServerCreatedData
  : Type extends `server.ipv4.${string}`
    ? Ipv4Data
    : Type extends `server.ipv6.${string}`
      ? Ipv6Data
      : Type extends `server.${string}`
        ? ServerData
        : Type extends `user.${string}`
          ? UserData
          : Type extends `hypervisor.${string}`
            ? HypervisorData
            : Type extends `system.${string}`
              ? SystemBackupData
              : JsonObject;
