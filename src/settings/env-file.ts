/**
 * The file given with --envfile: variable assignments in the part of shell syntax that needs no shell.
 */

/** The variables of a file. */
export interface EnvFile {
  /** The values by name; undefined where it can't be determined. */
  variables: ReadonlyMap<string, string | undefined>;
  /** For each variable whose value can't be determined, the line number and the reason. They never repeat values. */
  faults: ReadonlyMap<string, string>;
}

type Lookup = (name: string) => string | undefined;

/** The pieces of a value. Anything else requires a shell. */
const pieces = (...alternatives: string[]) => new RegExp(`^(?:${alternatives.join('|')})`);
const VARIABLE = String.raw`\$(?:(?<name>[A-Za-z_]\w*)|\{(?<braced>[A-Za-z_]\w*)\})`;
const QUOTE = '(?<quote>")';

/** Outside double quotes. A `$` is literal unless a name or a shell construct follows. */
const BARE = pieces(
  VARIABLE,
  QUOTE,
  String.raw`(?<dollar>\$)(?=[\s%+,./:=~^\]}]|$)`,
  "'(?<single>[^']*)'",
  String.raw`\\(?<escaped>.)`,
  String.raw`\s+(?:#.*)?$`,
  String.raw`(?<plain>[^\s'"\\$\x60;&|<>()]+)`,
);

/** Inside double quotes. A backslash is literal unless it escapes a special character. */
const QUOTED = pieces(
  VARIABLE,
  QUOTE,
  String.raw`(?<dollar>\$)(?=[\s"%+,./:=~^\]}]|$)`,
  String.raw`\\(?<escaped>[\\"$\x60])`,
  String.raw`(?<plain>\\|[^"\\$\x60]+)`,
);

function pieceAt(text: string, quoted: boolean): RegExpExecArray | null {
  return (quoted ? QUOTED : BARE).exec(text);
}

/** The value that a shell would assign, or why it can't be determined. */
function readValue(text: string, lookup: Lookup): { value: string } | { fault: string } {
  let value = '';
  let quoted = false;
  for (let rest = text; rest !== ''; ) {
    const found = pieceAt(rest, quoted);
    if (!found?.groups) return { fault: 'its value requires shell expansion' };
    const { name, braced, quote, dollar, single, escaped, plain } = found.groups;
    const variable = name ?? braced;
    const piece = variable === undefined ? (dollar ?? single ?? escaped ?? plain ?? '') : lookup(variable);
    if (piece === undefined) return { fault: `it refers to ${variable}, which is not set` };
    value += piece;
    if (quote !== undefined) quoted = !quoted;
    rest = rest.slice(found[0].length);
  }
  return quoted ? { fault: 'its closing quote is missing on the same line' } : { value };
}

/**
 * Parses `NAME=value` lines, optionally with `export`, quotes and comments. `$NAME` and `${NAME}` refer to earlier lines, then to the
 * environment. A value that requires a shell (`${X#*.}`, `$(command)`, backticks) or refers to a variable that is not set is a fault of its
 * variable, until a later line assigns another value. Lines without an assignment are ignored.
 *
 * @param name the path as given, for the faults.
 */
export function parseEnvFile(text: string, name: string, env: NodeJS.ProcessEnv): EnvFile {
  const faults = new Map<string, string>();
  /** Variables of earlier lines; undefined for those whose value can't be determined, which hide the environment's. */
  const known = new Map<string, string | undefined>();
  const lookup: Lookup = (variable) => (known.has(variable) ? known.get(variable) : env[variable]);
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (/^\s*(#|$)/.test(line)) continue;
    const place = `${name} line ${index + 1}`;
    const assignment = /^\s*(?:export\s+)?(?<variable>[A-Za-z_]\w*)=(?<text>.*)$/.exec(line)?.groups;
    if (!assignment) {
      // `NAME = value`, `declare NAME=value`.
      for (const [, variable = ''] of line.matchAll(/(?:^|\s)([A-Za-z_]\w*)\s*\+?=/g))
        faults.set(variable, `${place}: ${variable} can't be used: the line is not NAME=value`);
      continue;
    }
    const { variable = '', text: written = '' } = assignment;
    const read = readValue(written, lookup);
    known.set(variable, 'value' in read ? read.value : undefined);
    if ('fault' in read) faults.set(variable, `${place}: ${variable} can't be used: ${read.fault}`);
    else faults.delete(variable);
  }
  return { variables: known, faults };
}
