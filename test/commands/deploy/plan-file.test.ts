/** The file of a saved plan: what is written where, and what is read. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import t from 'tap';
import { savedPlanSchema } from '../../../src/commands/deploy/schema.js';
import { conforms } from '../../../src/schema/conforms.js';
import { startOperator } from '../../support/operator.js';

t.test('what is at the path already', async (t) => {
  const { run } = await startOperator(t);
  const folder = t.testdir({
    other: '{"kind":"something else"}',
    text: 'not JSON',
    empty: '',
    long: 'x'.repeat(2 ** 20 + 1),
  });
  const at = (name: string) => join(folder, name);
  symlinkSync(at('target'), at('dangling'));
  symlinkSync(at('text'), at('link'));
  mkdirSync(at('folder'));
  execFileSync('mkfifo', [at('pipe')]);
  const refused: Record<string, RegExp> = {
    other:
      /exists, and is not a saved plan: it is not replaced\. Nothing was written\. Choose another path for --out\./,
    text: /exists, and is not a saved plan/,
    empty: /exists, and is not a saved plan/,
    long: /exists, and is not a saved plan/,
    dangling: /is a symbolic link: it is not replaced/,
    link: /is a symbolic link: it is not replaced/,
    folder: /exists, and is not a saved plan/,
    pipe: /exists, and is not a saved plan/,
    'missing/plan.json': /can't be written \(ENOENT\)\./,
    'text/plan.json': /can't be written \(ENOTDIR\)\./,
  };
  for (const [name, says] of Object.entries(refused)) {
    const { status, calls, stderr } = await run(['deploy', '--dry-run', '--out', at(name)]);
    t.strictSame([status, calls], [1, []], `${name}: before any call`);
    t.match(stderr, says, name);
    t.match(stderr, `error: ${at(name)} `);
  }
  t.equal(readFileSync(at('text'), 'utf8'), 'not JSON');
  t.equal(readlinkSync(at('dangling')), at('target'));
  t.strictSame(
    readdirSync(folder).filter((name) => /target|tmp/.test(name)),
    [],
  );
});

t.test('an earlier plan is replaced, with the mode 0600 whatever it had', async (t) => {
  const { run } = await startOperator(t);
  const path = join(t.testdir({}), 'plan.json');
  t.equal((await run(['deploy', '--dry-run', '--out', path])).status, 0);
  const first = readFileSync(path, 'utf8');
  chmodSync(path, 0o644);
  t.equal((await run(['deploy', '--dry-run', '--out', path])).status, 0);
  t.equal(statSync(path).mode & 0o777, 0o600);
  t.not(readFileSync(path, 'utf8'), first, 'another salt');
  // A plan of a later version is a plan too.
  writeFileSync(path, JSON.stringify({ ...JSON.parse(first), version: 2 }));
  t.equal((await run(['deploy', '--dry-run', '--out', path])).status, 0);
  t.strictSame(readdirSync(join(path, '..')), ['plan.json'], 'no file is left over');
});

t.test('a file that becomes something else while the account is read', async (t) => {
  const { run, sandbox } = await startOperator(t);
  const path = join(t.testdir({ other: 'kept' }), 'plan.json');
  const release = sandbox.intercept(({ operation }) => {
    if (operation === 'GetCallerIdentity') symlinkSync(join(path, '../other'), path);
    return undefined;
  });
  const { status, stderr, stdout } = await run(['deploy', '--dry-run', '--out', path]);
  release();
  t.equal(status, 1);
  t.match(stdout, /^Plan to deploy/);
  t.match(stderr, 'is a symbolic link: it is not replaced.');
  t.ok(lstatSync(path).isSymbolicLink());
  t.equal(readFileSync(join(path, '../other'), 'utf8'), 'kept');
});

t.test('a name that the file system does not take', async (t) => {
  const { run } = await startOperator(t);
  const folder = t.testdir({});
  // The unfinished file's name is longer than the limit of 255 bytes.
  const { status, stderr } = await run(['deploy', '--dry-run', '--out', join(folder, 'p'.repeat(250))]);
  t.equal(status, 1);
  t.match(stderr, /can't be written \(ENAMETOOLONG\)\. Nothing was written to AWS\./);
  t.strictSame(readdirSync(folder), []);
});

t.test('a file that is not a plan that can be applied', async (t) => {
  const { run } = await startOperator(t);
  const folder = t.testdir({});
  const path = join(folder, 'plan.json');
  await run(['deploy', '--dry-run', '--out', path]);
  const text = readFileSync(path, 'utf8');
  const plan = JSON.parse(text);
  const other = (change: object) => JSON.stringify({ ...plan, ...change });
  const files: Array<[content: string | undefined, says: RegExp]> = [
    [undefined, /can't be read \(ENOENT\)\. Nothing was written to AWS\./],
    ['', / is empty\. Nothing was written\. Save a new plan with your settings, and review it: npx --no /],
    [' \n', / is empty\./],
    [text.slice(0, -20), / is not a complete JSON document\./],
    ['x'.repeat(2 ** 20 + 1), / is too big for a plan\./],
    ['null', / is not a plan that deploy --dry-run --out saved\./],
    ['[]', / is not a plan /],
    ['{"kind":1}', / is not a plan /],
    ['{"version":1,"outcome":"planned"}', / is not a plan /],
    [other({ version: 2 }), / has another version of the format: another version of this tool saved it\./],
    [other({ version: undefined }), / has another version of the format/],
    [other({ entries: {} }), / is damaged\./],
    [other({ surprise: 1 }), / is damaged\./],
    [other({ salt: undefined }), / is damaged\./],
    [text.replace(/"salt": "./, '"salt": "x'), / is damaged: its checksum does not match\./],
  ];
  for (const [content, says] of files) {
    const file = join(folder, 'edited.json');
    if (content !== undefined) writeFileSync(file, content);
    const { status, calls, stderr } = await run(['deploy', '--plan', file]);
    t.strictSame([status, calls], [1, []], 'before any call');
    t.match(stderr, says);
    t.match(stderr, /^error: \S+edited\.json /);
  }
  for (const special of [folder, '/dev/null']) {
    const { status, stderr } = await run(['deploy', '--plan', special]);
    t.strictSame([status, / is not a file\./.test(stderr)], [1, true], stderr);
  }
});

t.test('flags that contradict each other are errors, before any call', async (t) => {
  const { run } = await startOperator(t);
  const file = join(t.testdir({ 'plan.json': '{}' }), 'plan.json');
  const usage: Array<[args: string[], says: string]> = [
    [['--out', 'x'], 'error: --out needs --dry-run. Nothing was read or written.'],
    [['--plan', file, '--dry-run'], "error: option '--plan <path>' cannot be used with option '--dry-run'"],
    [['--plan', file, '--markdown'], "error: option '--plan <path>' cannot be used with option '--markdown'"],
    [['--plan', file, '--out', 'x'], "cannot be used with option '--"],
    [['--dry-run', '--out', 'x', '--out', 'y'], "error: option '--out <path>' is given twice, with different values"],
    [['--dry-run', '--out', ''], "error: option '--out <path>' argument '' is invalid. It must not be empty."],
    [['--plan', ''], "error: option '--plan <path>' argument '' is invalid. It must not be empty."],
  ];
  for (const [args, says] of usage) {
    const { status, calls, stderr } = await run(['deploy', ...args]);
    t.strictSame([status, calls], [1, []], args.join(' '));
    t.match(stderr, says);
  }
});

t.test('the form of a document is judged as by its schema', async (t) => {
  const validate = new Ajv2020({ validateFormats: false }).compile(savedPlanSchema.json);
  const entry = { part: 'p', resource: 'r', name: 'n', action: 'a', calls: ['c'], fingerprint: 'f' };
  const good = {
    kind: 'agentkeys-ses-routing plan',
    version: 1,
    package: 'p',
    saved: 's',
    account: 'a',
    region: 'r',
    bucket: 'b',
    salt: 's',
    settings: { memory: 'f' },
    read: {},
    entries: [entry],
    checksum: 'c',
  };
  const changes: object[] = [
    {},
    { stack: 's' },
    { stack: 1 },
    { kind: 'other' },
    { settings: [] },
    { settings: null },
    { settings: 'x' },
    { settings: { memory: 1 } },
    { read: { toString: 'f' } },
    { entries: [null] },
    { entries: [{ ...entry, calls: [1] }] },
    { entries: [{ ...entry, calls: 'c' }] },
    { entries: [{ ...entry, more: 1 }] },
    { entries: 'x' },
    { toString: 'x' },
    { checksum: undefined },
  ];
  const documents: unknown[] = [null, [], 'x', 1, ...changes.map((change) => ({ ...good, ...change }))];
  const judged = documents
    .map((one) => JSON.parse(JSON.stringify(one)))
    .map((one) => [conforms(one, savedPlanSchema), validate(one)]);
  for (const [index, [ours, ajv]] of judged.entries()) t.equal(ours, ajv, `document ${index}`);
  t.equal(judged.filter(([ours]) => ours).length, 3);
});
