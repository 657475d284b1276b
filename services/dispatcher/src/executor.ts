/** Decides how much an endpoint may have, and when. */
export interface Gate {
  /** Most tasks that may run at once now; 0 while the endpoint is held back. */
  limit(endpoint: string): number;
  /** Lets a task in, to run or to wait for its turn; false when the endpoint may have none now. */
  admit(endpoint: string): boolean;
  /** A task that was let in will never run. */
  giveBack(endpoint: string): void;
  /** A task that was let in has run. */
  finished(endpoint: string): void;
  /** How many more would be let in and could run at once. */
  room(endpoint: string): number;
}

export interface ExecutorOptions {
  /** Most requests under way at once, over all endpoints. */
  readonly runningMax: number;
  /** How much each endpoint may have. */
  readonly gate: Gate;
  /** Most tasks that wait in memory for one endpoint; one more is not taken. */
  readonly queuedPerEndpointMax: number;
  /** As many may wait at least, also for an endpoint that finishes nothing. Default: a quarter of the most. */
  readonly queuedPerEndpointMin?: number;
  /** Milliseconds that never go back, for tests. */
  readonly now?: () => number;
}

/** A task handed to the executor. */
export interface Execution {
  /** Takes the task back if it has not started; true if it will now never run. */
  withdraw(): boolean;
  /** Whether the task has started. */
  started(): boolean;
}

export interface Executor {
  /** Runs the task when its endpoint and the whole have room; undefined when the endpoint may have no more. */
  submit(endpoint: string, task: Runnable): Execution | undefined;
  /** How many more tasks the endpoint would start at once. */
  room(endpoint: string): number;
  /** Takes back all tasks of an endpoint that have not started: it is held back. */
  shed(endpoint: string): void;
  /** How many tasks run now. */
  running(): number;
  /** Holds back every start until `resume`. */
  pause(): void;
  resume(): void;
}

/** What is to be run. */
export interface Runnable {
  run(): Promise<void>;
  /** Hears that the task will never run, when it is not its own submitter that took it back. */
  shed(): void;
}

interface Task {
  readonly runnable: Runnable;
  started: boolean;
  withdrawn: boolean;
}

interface Endpoint {
  readonly id: string;
  running: number;
  queue: Task[];
  /** Waits in the ring of endpoints that could start a task but for the bound on all. */
  ready: boolean;
  /** Tasks finished since the second began, and in the second before it. */
  secondBeganAt: number;
  finishedNow: number;
  finishedBefore: number | undefined;
}

const SECOND_MS = 1_000;

/**
 * How many tasks may wait for an endpoint: what it finishes in a second, so that those which wait are
 * done within one. A healthy endpoint may have a long queue; one that hangs gets a short one, and
 * what is over goes to the schedule at once and holds nobody up.
 */
function queueBound(endpoint: Endpoint, options: ExecutorOptions, nowMs: number): number {
  const { queuedPerEndpointMax: most, queuedPerEndpointMin: least = Math.ceil(most / 4) } = options;
  const age = nowMs - endpoint.secondBeganAt;
  if (age >= SECOND_MS) {
    endpoint.finishedBefore = age < 2 * SECOND_MS ? endpoint.finishedNow : 0;
    endpoint.finishedNow = 0;
    endpoint.secondBeganAt = nowMs;
  }
  const { finishedBefore, finishedNow } = endpoint;
  // Nothing is known of an endpoint in its first second.
  if (finishedBefore === undefined) return most;
  return Math.min(most, Math.max(least, finishedBefore, finishedNow));
}

/**
 * Runs attempts side by side with a bound for each endpoint, so that one that hangs holds only its
 * own places (P4), and a bound for all; endpoints that wait for the latter take turns.
 */
export function createExecutor(options: ExecutorOptions): Executor {
  const { gate } = options;
  const endpoints = new Map<string, Endpoint>();
  let ring: Endpoint[] = [];
  const now = options.now ?? (() => performance.now());
  let running = 0;
  let paused = false;

  function endpointOf(id: string): Endpoint {
    let endpoint = endpoints.get(id);
    if (endpoint === undefined) {
      endpoint = {
        id,
        running: 0,
        queue: [],
        ready: false,
        secondBeganAt: now(),
        finishedNow: 0,
        finishedBefore: undefined,
      };
      endpoints.set(id, endpoint);
    }
    return endpoint;
  }

  function nextTask(endpoint: Endpoint): Task | undefined {
    for (;;) {
      const task = endpoint.queue.shift();
      if (task === undefined || !task.withdrawn) return task;
    }
  }

  function forgetIfUnused(endpoint: Endpoint): void {
    if (endpoint.running > 0 || endpoint.queue.length > 0) return;
    if (endpoints.get(endpoint.id) === endpoint) endpoints.delete(endpoint.id);
  }

  function withdraw(id: string, task: Task): boolean {
    if (task.started || task.withdrawn) return task.withdrawn;
    task.withdrawn = true;
    gate.giveBack(id);
    return true;
  }

  function enlist(endpoint: Endpoint): void {
    if (endpoint.ready || endpoint.queue.length === 0) return;
    if (endpoint.running >= gate.limit(endpoint.id)) return;
    endpoint.ready = true;
    ring.push(endpoint);
  }

  function start(endpoint: Endpoint, task: Task): void {
    task.started = true;
    endpoint.running += 1;
    running += 1;
    void task.runnable.run().finally(() => {
      gate.finished(endpoint.id);
      endpoint.running -= 1;
      endpoint.finishedNow += 1;
      running -= 1;
      enlist(endpoint);
      forgetIfUnused(endpoint);
      startReady();
    });
  }

  function startReady(): void {
    while (!paused && running < options.runningMax && ring.length > 0) {
      const turn = ring;
      ring = [];
      for (const endpoint of turn) {
        endpoint.ready = false;
        const hasRoom = running < options.runningMax;
        const task = hasRoom ? nextTask(endpoint) : undefined;
        if (task !== undefined) start(endpoint, task);
        enlist(endpoint);
      }
    }
  }

  return {
    submit(id, runnable) {
      const endpoint = endpointOf(id);
      const hasPlace = endpoint.queue.length < queueBound(endpoint, options, now());
      if (!hasPlace || !gate.admit(id)) {
        forgetIfUnused(endpoint);
        return undefined;
      }
      const task: Task = { runnable, started: false, withdrawn: false };
      endpoint.queue.push(task);
      enlist(endpoint);
      startReady();
      return {
        withdraw: () => withdraw(id, task),
        started: () => task.started,
      };
    },
    room: gate.room,
    shed(id) {
      const endpoint = endpoints.get(id);
      if (endpoint === undefined) return;
      const tasks = endpoint.queue;
      endpoint.queue = [];
      for (const task of tasks) {
        if (!task.withdrawn && withdraw(id, task)) task.runnable.shed();
      }
      forgetIfUnused(endpoint);
    },
    running: () => running,
    pause() {
      paused = true;
    },
    resume() {
      paused = false;
      startReady();
    },
  };
}
