export { cliDocument } from './command/document.ts';
export { type CliOptions, runCli } from './run-cli.ts';
export { commandGroups } from './table.ts';
