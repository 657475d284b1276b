import type { Engine } from './engine.ts';

/** What `docker inspect` says of a container, as far as it is used here. */
export interface Container {
  readonly id: string;
  /** The service's name in docker-compose.yml. */
  readonly service: string;
  readonly isRunning: boolean;
  readonly exitCode: number;
  /** On the machine itself; 0 while it does not run. */
  readonly pid: number;
  /** Undefined for one without a health check, which are the two that run once. */
  readonly health: string | undefined;
  readonly startedAt: string;
  /** How often the engine itself has started it again. */
  readonly restarts: number;
}

interface Inspected {
  readonly Id: string;
  readonly RestartCount: number;
  readonly Config: { readonly Labels: Readonly<Record<string, string>> };
  readonly State: {
    readonly Running: boolean;
    readonly ExitCode: number;
    readonly Pid: number;
    readonly StartedAt: string;
    readonly Health?: { readonly Status: string };
  };
}

/** The containers of a Compose project, running or not. */
export async function listContainers(
  engine: Engine,
  project: string,
): Promise<readonly Container[]> {
  const filter = `label=com.docker.compose.project=${project}`;
  const ids = (await engine.docker(['ps', '--all', '--quiet', '--filter', filter])).split('\n');
  const known = ids.filter((id) => id !== '');
  if (known.length === 0) return [];
  const inspected = JSON.parse(await engine.docker(['inspect', ...known])) as Inspected[];
  return inspected.map(({ Id, Config, State, RestartCount }) => ({
    id: Id,
    service: Config.Labels['com.docker.compose.service'] ?? '',
    isRunning: State.Running,
    exitCode: State.ExitCode,
    pid: State.Pid,
    health: State.Health?.Status,
    startedAt: State.StartedAt,
    restarts: RestartCount,
  }));
}

/** What keeps a container from being as it should; undefined when nothing does. */
export function faultOf({ service, isRunning, exitCode, health }: Container): string | undefined {
  if (health === undefined) {
    if (!isRunning && exitCode === 0) return undefined;
    return `${service}: ${isRunning ? 'still runs' : `ended with ${exitCode}`}`;
  }
  if (!isRunning) return `${service}: ended with ${exitCode}`;
  return health === 'healthy' ? undefined : `${service}: ${health}`;
}

/** A process of a container. */
interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly uid: number;
  readonly command: string;
}

/**
 * The processes of a container that run as root, by their command: its main process and what that
 * started. A health check's program, which the engine itself starts beside them, is none of them.
 */
export async function rootProcesses(
  engine: Engine,
  { id, pid }: Container,
): Promise<readonly string[]> {
  const [, ...lines] = (await engine.docker(['top', id, '-eo', 'pid,ppid,uid,args']))
    .trim()
    .split('\n');
  const processes = lines.map((line): Process => {
    const [own, parent, uid, ...command] = line.trim().split(/\s+/);
    return {
      pid: Number(own),
      parent: Number(parent),
      uid: Number(uid),
      command: command.join(' '),
    };
  });
  const family = new Set([pid]);
  for (let size = 0; size !== family.size; ) {
    size = family.size;
    for (const { pid: child, parent } of processes) if (family.has(parent)) family.add(child);
  }
  const own = processes.filter((process) => family.has(process.pid));
  if (own.length === 0) throw new Error(`container ${id} shows no process of its own`);
  return own.filter(({ uid }) => uid === 0).map(({ command }) => command);
}
