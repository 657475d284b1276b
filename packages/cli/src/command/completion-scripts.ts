import type { CommandGroup } from './command.ts';
import { completionEntries, completionValues, type FlagValues } from './completion-words.ts';

/** The completion script of a shell, for the command `hookline`. */
export function completionScript(
  shell: 'bash' | 'zsh' | 'fish',
  groups: readonly CommandGroup[],
): string {
  if (shell === 'bash') return bashScript(groups);
  return shell === 'zsh' ? zshScript(groups) : fishScript(groups);
}

/** Shells have no tables within tables: one case statement for words, one for values. */
function bashScript(groups: readonly CommandGroup[]): string {
  const words = completionEntries(groups).map(
    ({ path, candidates }) =>
      `    '${path}') words='${candidates.map(({ word }) => word).join(' ')}' ;;`,
  );
  return `# Completion of hookline for bash.
_hookline() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} path='' words='' word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $word in -*) break ;; esac
    case " ${pathsOf(groups).join(' ')} " in
      *" \${path:+$path/}$word "*) path=\${path:+$path/}$word ;;
      *) break ;;
    esac
  done
  path=\${path//\\// }
  COMPREPLY=()
  case "$path $previous" in
${valueCases(groups, (values) => `COMPREPLY=($(compgen -W '${values.join(' ')}' -- "$current")); return`, 'COMPREPLY=($(compgen -f -- "$current")); return', 'return')}
  esac
  case $path in
${words.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o filenames -F _hookline hookline
`;
}

function zshScript(groups: readonly CommandGroup[]): string {
  const cases = completionEntries(groups).map(({ path, candidates }) => {
    const described = candidates.map(({ word, summary }) =>
      quote(`${word.replaceAll(':', '\\:')}:${summary}`),
    );
    return `    '${path}') candidates=(${described.join(' ')}) ;;`;
  });
  return `#compdef hookline
# Completion of hookline for zsh.
_hookline() {
  local path_so_far='' word previous=\${words[CURRENT-1]}
  local -a candidates
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case $word in -*) break ;; esac
    case " ${pathsOf(groups).join(' ')} " in
      *" \${path_so_far:+$path_so_far/}$word "*) path_so_far=\${path_so_far:+$path_so_far/}$word ;;
      *) break ;;
    esac
  done
  path_so_far=\${path_so_far//\\// }
  case "$path_so_far $previous" in
${valueCases(groups, (values) => `compadd -- ${values.join(' ')}; return`, '_files; return', 'return')}
  esac
  case $path_so_far in
${cases.join('\n')}
  esac
  _describe hookline candidates
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _hookline "$@"; else compdef _hookline hookline; fi
`;
}

function fishScript(groups: readonly CommandGroup[]): string {
  const seconds = new Map(
    completionEntries(groups).map(({ path, candidates }) => [path, candidates]),
  );
  const commands = groups.flatMap((group) => {
    const needsSecond = !group.commands.some(({ spec }) => spec.name === group.name);
    const first = `complete -c hookline -f -n __fish_use_subcommand -a ${group.name} -d ${quote(group.summary)}`;
    if (!needsSecond) return [first];
    const words = (seconds.get(group.name) ?? []).map(
      ({ word, summary }) =>
        `complete -c hookline -f -n '__hookline_at ${group.name}' -a ${word} -d ${quote(summary)}`,
    );
    return [first, ...words];
  });
  const valuesByFlag = new Map(
    completionValues(groups).map((each) => [`${each.path} ${each.flag}`, each.values]),
  );
  const flags = completionEntries(groups).flatMap(({ path, candidates }) =>
    candidates.flatMap(({ word, summary }) => {
      if (path === '' || !word.startsWith('--')) return [];
      const values = valuesByFlag.get(`${path} ${word}`);
      return [
        `complete -c hookline -n '__hookline_in ${path}' -l ${word.slice(2)} -d ${quote(summary)}${fishValues(values, valuesByFlag.has(`${path} ${word}`))}`,
      ];
    }),
  );
  return `# Completion of hookline for fish.
function __hookline_at --description 'exactly these words so far'
  set -l words (commandline -opc)
  test "$words[2..-1]" = "$argv"
end
function __hookline_in --description 'these words first'
  set -l words (commandline -opc)
  string match -q -- "$argv *" "$words[2..-1] "
end
${[...commands, ...flags].join('\n')}
`;
}

function fishValues(values: FlagValues['values'], takesValue: boolean): string {
  if (!takesValue) return ' -f';
  if (values === 'file') return ' -r -F';
  return values === undefined ? ' -x' : ` -x -a ${quote(values.join(' '))}`;
}

/** Every path, its words joined by a slash. */
function pathsOf(groups: readonly CommandGroup[]): string[] {
  return completionEntries(groups).flatMap(({ path }) =>
    path === '' ? [] : path.replace(' ', '/'),
  );
}

/** A case for each kind of value, of all the flags that take it. */
function valueCases(
  groups: readonly CommandGroup[],
  listed: (values: readonly string[]) => string,
  files: string,
  anything: string,
): string {
  const byAction = Map.groupBy(completionValues(groups), ({ values }) => {
    if (values === undefined) return anything;
    return values === 'file' ? files : listed(values);
  });
  return [...byAction]
    .map(([action, flags]) => {
      const patterns = flags.map(({ path, flag }) => `'${path} ${flag}'`);
      return `    ${patterns.join('|')}) ${action} ;;`;
    })
    .join('\n');
}

/** Within single quotes a shell changes nothing; fish and POSIX shells end them alike. */
function quote(text: string): string {
  return `'${text.replaceAll("'", '’')}'`;
}
