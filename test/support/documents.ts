/**
 * What the command line prints with `--json`, checked against the schemas that the package ships.
 */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { schemas } from '../../src/commands/schemas.js';

const ajv = new Ajv2020({ strictTypes: true, allErrors: true });
/** https://www.rfc-editor.org/rfc/rfc3339#section-5.6, in UTC. */
ajv.addFormat('date-time', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);

/** The validators, each compiled on first use: a test uses few of them. */
const validators = new Map<string, ValidateFunction>();

/**
 * Validates a document.
 *
 * @param name the schema's.
 * @returns what does not fit; empty if all of it does.
 */
export function faultsOf(name: string, document: unknown): string[] {
  const schema = schemas.get(name);
  if (schema === undefined) throw new Error(`there is no schema ${name}`);
  const validate = validators.get(name) ?? ajv.compile(schema);
  validators.set(name, validate);
  if (validate(document)) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath || 'the document'} ${message} ${JSON.stringify(params)}`,
  );
}

/**
 * Checks what a run printed to stdout with `--json`. Without `--json`, and for `--help`, there is nothing to check.
 *
 * @param args the arguments of the run.
 * @throws Error when it is not one document that fits the command's schema, or the schema of errors.
 */
export function checkDocument(args: readonly string[], stdout: string): void {
  if (!args.includes('--json') || args.includes('--help') || args.includes('-h')) return;
  const [command = '', subcommand = ''] = args;
  // Each line of a log is a document; an error is one over several lines.
  if (command === 'logs' && !stdout.includes('\n  "error": ')) {
    for (const line of stdout.split('\n').filter(Boolean)) expectFit(args, 'logs', JSON.parse(line));
    return;
  }
  const document: { outcome?: string; error?: string } = JSON.parse(stdout);
  // The format of an IAM policy is AWS's.
  if (command === 'policy' && document.error === undefined) return;
  const name =
    document.error !== undefined
      ? 'error'
      : command === 'inbox' || command === 'vault'
        ? `${command}-${subcommand}`
        : command;
  expectFit(args, name, document);
}

function expectFit(args: readonly string[], name: string, document: unknown): void {
  const faults = faultsOf(name, document);
  if (faults.length > 0)
    throw new Error(
      `${args.join(' ')} prints what its schema (src/commands, schema.ts) does not have:\n${faults.join('\n')}`,
    );
}
