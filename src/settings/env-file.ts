/**
 * The file given with --env-file: the part of a shell's syntax that needs no shell.
 */

/** The variables of a file, and what could not be made of it. */
export interface EnvFile {
  /** By name; undefined for a variable that could not be told. */
  variables: ReadonlyMap<string, string | undefined>;
  /** One sentence each, with the line's number; values are not repeated in them. */
  warnings: string[];
}

type Lookup = (name: string) => string | undefined;

/** What a value may be made of, piece by piece. What begins with none of these takes a shell. */
const pieces = (...alternatives: string[]) => new RegExp(`^(?:${alternatives.join('|')})`);
const VARIABLE = String.raw`\$(?:(?<name>[A-Za-z_]\w*)|\{(?<braced>[A-Za-z_]\w*)\})`;
const QUOTE = '(?<quote>")';

/** Outside double quotes. A `$` stands for itself where nothing that could be a name, or means something to a shell, follows. */
const BARE = pieces(
  VARIABLE,
  QUOTE,
  String.raw`(?<dollar>\$)(?=[\s%+,./:=~^\]}]|$)`,
  "'(?<single>[^']*)'",
  String.raw`\\(?<escaped>.)`,
  String.raw`\s+(?:#.*)?$`,
  String.raw`(?<plain>[^\s'"\\$\x60;&|<>()]+)`,
);

/** Inside them. A backslash stands for itself unless what follows means something there. */
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

/** A value as a shell would read it, or why it can't be told. */
function readValue(text: string, lookup: Lookup): { value: string } | { fault: string } {
  let value = '';
  let quoted = false;
  for (let rest = text; rest !== ''; ) {
    const found = pieceAt(rest, quoted);
    if (!found?.groups) return { fault: 'only a shell can expand its value' };
    const { name, braced, quote, dollar, single, escaped, plain } = found.groups;
    const variable = name ?? braced;
    const piece = variable === undefined ? (dollar ?? single ?? escaped ?? plain ?? '') : lookup(variable);
    if (piece === undefined) return { fault: `it refers to ${variable}, which is not set` };
    value += piece;
    if (quote !== undefined) quoted = !quoted;
    rest = rest.slice(found[0].length);
  }
  return quoted ? { fault: 'its quotation mark is not closed on the same line' } : { value };
}

/**
 * Reads `NAME=value` lines, with or without `export`, in single or double quotes or none, with comments; `$NAME` and
 * `${NAME}` come from the lines before, then from the environment. What only a shell can expand (`${X#*.}`, `$(command)`,
 * backticks), or what refers to a variable that is not set, leaves its variable unset, with a warning.
 * @param name the file as the operator named it, for the warnings.
 */
export function parseEnvFile(text: string, name: string, env: NodeJS.ProcessEnv): EnvFile {
  const warnings: string[] = [];
  /** Variables of earlier lines; undefined for those that were left unset, whatever the environment has. */
  const known = new Map<string, string | undefined>();
  const lookup: Lookup = (variable) => (known.has(variable) ? known.get(variable) : env[variable]);
  for (const [index, line] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    if (/^\s*(#|$)/.test(line)) continue;
    const place = `${name} line ${index + 1}`;
    const assignment = /^\s*(?:export\s+)?(?<variable>[A-Za-z_]\w*)=(?<text>.*)$/.exec(line)?.groups;
    if (!assignment) {
      warnings.push(`${place} is not NAME=value and is passed over`);
      continue;
    }
    const { variable = '', text: written = '' } = assignment;
    const read = readValue(written, lookup);
    known.set(variable, 'value' in read ? read.value : undefined);
    if ('fault' in read) warnings.push(`${place}: ${variable} is left unset: ${read.fault}`);
  }
  return { variables: known, warnings };
}
