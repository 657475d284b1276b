import type { Context } from '../context.ts';
import { flag, type Options, type ValuesOf, value } from './option.ts';
import { httpUrl, path, secret } from './value-types.ts';

export interface Example {
  /** What follows `hookline`. */
  readonly line: string;
  readonly note: string;
}

/** Everything there is to know about a command without running it: help, completion and the page are made of it. */
export interface CommandSpec<A extends Options = Options, O extends Options = Options> {
  /** The words of the command: `events publish`. */
  readonly name: string;
  /** What it does, in a line without a full stop. */
  readonly summary: string;
  /** What else there is to know, in whole sentences. */
  readonly details?: string;
  /** Arguments without a name, in their order; the last may be a list. */
  readonly arguments: A;
  readonly options: O;
  readonly examples: readonly Example[];
  /** Exit codes of its own, beside those of every command. */
  readonly exitCodes?: Readonly<Record<number, string>>;
}

/** What a command is given, checked. */
export interface Input<S extends CommandSpec> {
  readonly arguments: ValuesOf<S['arguments']>;
  readonly options: ValuesOf<S['options'] & typeof globalOptions>;
}

/** Runs a command; answers the exit code. */
export type Run<S extends CommandSpec> = (input: Input<S>, context: Context) => Promise<number>;

export interface Command {
  readonly spec: CommandSpec;
  /** What runs it is loaded when it is run: help and completion must not wait for clients and servers. */
  readonly load: () => Promise<Run<CommandSpec>>;
}

/** Keeps the types of a specification's options for the function that runs it. */
export function defineSpec<const A extends Options, const O extends Options>(
  spec: CommandSpec<A, O>,
): CommandSpec<A, O> {
  return spec;
}

/** A command out of its specification and what runs it. */
export function defineCommand<S extends CommandSpec>(
  spec: S,
  load: () => Promise<Run<S>>,
): Command {
  return { spec, load: load as unknown as Command['load'] };
}

/** A first word that several commands share. */
export interface CommandGroup {
  readonly name: string;
  readonly summary: string;
  readonly commands: readonly Command[];
}

/** Options that every command takes. */
export const globalOptions = {
  json: flag('print JSON, for programs'),
  server: value(
    httpUrl('http://127.0.0.1:8080'),
    'the URL of Hookline, instead of HOOKLINE_URL and of the running stack',
  ),
  'api-key': value(
    secret('key', 'an API key, hk_ and 43 characters'),
    'the key to call with; HOOKLINE_API_KEY is better, since other users see the arguments of a process',
  ),
  'data-dir': value(
    path('the path of a folder'),
    'the data folder of the stack, instead of HOOKLINE_DATA_DIR (.hookline)',
  ),
};
