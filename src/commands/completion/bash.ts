/**
 * The script for bash 3.2 (macOS) and later. The one of @bomb.sh/tab 0.0.22 needs bash-completion, runs what a `$(…)` on the line says,
 * completes no paths, and complains when it is read twice.
 */

/** @param name the program's name, which has no character that is special to bash. */
export function bashScript(name: string): string {
  const id = `_${name.replaceAll('-', '_')}`;
  return `# bash completion for ${name}
${id}() {
  # "=" and ":" separate words for bash, not for the program.
  local line=\${COMP_LINE:0:COMP_POINT} word words=()
  for word in "\${COMP_WORDS[@]:0:COMP_CWORD+1}"; do
    if [[ \${#words[@]} -eq 0 || $line == [[:space:]]* ]]; then
      words+=("$word")
    else
      words[\${#words[@]}-1]+=$word
    fi
    line=\${line#"\${line%%[![:space:]]*}"}
    line=\${line#"$word"}
  done
  local answer
  answer=$(${name} complete -- "\${words[@]:1}" 2>/dev/null) || return
  local directive=\${answer##*:}
  COMPREPLY=()
  while IFS= read -r line; do
    [[ $line == :* ]] || COMPREPLY+=("\${line%%$'\\t'*}")
  done <<< "$answer"
  # bash 3.2 has no compopt: it adds a space, and completes paths where there is nothing else.
  if type compopt &>/dev/null; then
    [[ $((directive & 2)) -ne 0 ]] && compopt -o nospace
    [[ $((directive & 4)) -ne 0 ]] && compopt +o default
  fi
  return 0
}
complete -o default -F ${id} ${name}`;
}
