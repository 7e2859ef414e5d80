/**
 * The command line: help, version, parsing of flags, and errors for unknown ones.
 */
import { PassThrough, Writable } from 'node:stream';
import t, { type Test } from 'tap';
import { main } from '../../src/cli/main.js';
import { operatorTasks } from '../../src/commands/policy/command.js';
import { settingKeys, settingsTable } from '../../src/settings/index.js';
import { checkDocument } from '../support/documents.js';
import { startOperator } from '../support/operator.js';

const commands = [
  'deploy',
  'teardown',
  'status',
  'logs',
  'trace',
  'verify',
  'backfill',
  'services',
  'address',
  'inbox list',
  'inbox wait',
  'inbox show',
  'vault put',
  'vault get',
  'demo',
  'policy',
  'completion',
];

/** Runs a command line that does not call AWS. */
async function cli(t: Test, args: string[], files: Record<string, string> = {}) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const text = (stream: PassThrough) => String(stream.read() ?? '');
  const status = await main(args, {
    stdin: new PassThrough(),
    stdout,
    stderr,
    env: {},
    cwd: t.testdir(files),
    version: '1.2.3',
    signal: new AbortController().signal,
  });
  const run = { status, stdout: text(stdout), stderr: text(stderr) };
  checkDocument(args, run.stdout);
  return run;
}

t.test('help and version go to stdout, with exit 0', async (t) => {
  for (const args of [['--version'], ['-V']])
    t.strictSame(await cli(t, args), { status: 0, stdout: '1.2.3\n', stderr: '' });
  for (const args of [
    ['--help'],
    ['-h'],
    ['inbox', '--help'],
    ...commands.map((command) => [...command.split(' '), '--help']),
  ]) {
    const { status, stdout, stderr } = await cli(t, args);
    t.equal(status, 0);
    t.equal(stderr, '');
    t.match(stdout, /^Usage: agentkeys-ses-routing /);
    t.match(stdout, /^Examples:\n {2}agentkeys-ses-routing /m, `${args.join(' ')} has examples`);
  }
});

t.test('without a command, the help goes to stderr, with exit status 1', async (t) => {
  const { status, stdout, stderr } = await cli(t, []);
  t.equal(status, 1);
  t.equal(stdout, '');
  t.match(stderr, /^Usage: agentkeys-ses-routing \[options\] \[command\]$/m);
});

t.test('help of a command of a group', async (t) => {
  const wait = await cli(t, ['inbox', 'wait', '--help']);
  t.match(wait.stdout, /^Usage: agentkeys-ses-routing inbox wait \[options\]$/m);
  t.strictSame(await cli(t, ['help', 'inbox', 'wait']), wait);
  t.strictSame(await cli(t, ['help', 'inbox']), await cli(t, ['inbox', '--help']));
  t.strictSame(await cli(t, ['help', 'vault', 'put']), await cli(t, ['vault', 'put', '--help']));
  t.strictSame(await cli(t, ['help', 'depoly']), await cli(t, ['depoly']), 'an unknown command is refused');
});

t.test('completion prints the script for a shell, whatever the settings are', async (t) => {
  const files = { 'agentkeys-ses-routing.json': '{' };
  for (const [shell, text] of [
    ['bash', /^complete -o default -F _agentkeys_ses_routing agentkeys-ses-routing$/m],
    ['zsh', /^#compdef agentkeys-ses-routing$/m],
    ['fish', /^complete -c agentkeys-ses-routing /m],
  ] as const) {
    const { status, stdout, stderr } = await cli(t, ['completion', shell], files);
    t.strictSame({ status, stderr }, { status: 0, stderr: '' });
    t.match(stdout, text);
  }
});

t.test('every setting is a flag of some command', async (t) => {
  const help = await Promise.all(
    [...commands, 'vault put'].map(async (command) => (await cli(t, [...command.split(' '), '--help'])).stdout),
  );
  const shown = (flag: string) => help.some((text) => text.includes(`  ${flag} `) || text.includes(`, ${flag} `));
  const missing = settingKeys.filter((key) => !shown(settingsTable[key].flag));
  t.strictSame(missing, []);
});

t.test('invalid arguments: a short message and exit status 1', async (t) => {
  const hint = 'Run with --help to list commands and flags.';
  const cases: Array<[args: string[], stderr: string[]]> = [
    [
      ['deploy', '--dryrun'],
      ["error: unknown option '--dryrun'", '(Did you mean --dry-run?)', hint],
    ],
    [
      ['deploy', '--everything'],
      ["error: unknown option '--everything'", hint],
    ],
    [
      ['teardown', '--memory', '1'],
      ["error: unknown option '--memory'", hint],
    ],
    [['deplyo'], ["error: unknown command 'deplyo'", '(Did you mean deploy?)', hint]],
    [
      ['deploy', 'now'],
      ["error: too many arguments for 'deploy'. Expected 0 arguments but got 1.", hint],
    ],
    [
      ['deploy', '--bucket'],
      ["error: option '--bucket <name>' argument missing", hint],
    ],
    [['complete'], ["error: unknown command 'complete'", '(Did you mean completion?)', hint]],
    [['policy'], ["error: missing required argument 'task'", hint]],
    [
      ['policy', 'everything'],
      [
        `error: command-argument value 'everything' is invalid for argument 'task'. Allowed choices are ${operatorTasks.join(', ')}.`,
        hint,
      ],
    ],
    [
      ['inbox', 'wait', '--code', '(', '--wallet', 'x'],
      [
        "error: option '--code <regex>' argument '(' is invalid. Invalid regular expression: /(/m: Unterminated group.",
        hint,
      ],
    ],
    [
      ['inbox', 'wait', '--link', ''],
      ["error: option '--link <regex>' argument '' is invalid. It must not be empty.", hint],
    ],
    [
      ['inbox', 'wait', '--from', ''],
      ["error: option '--from <text>' argument '' is invalid. It must not be empty.", hint],
    ],
    [
      ['inbox', 'wait', '--code', 'a', '--link', 'b'],
      ["error: option '--code <regex>' cannot be used with option '--link <regex>'", hint],
    ],
    [
      ['inbox', 'wait', '--timeout', '3601'],
      [
        "error: option '--timeout <seconds>' argument '3601' is invalid. It must be a whole number from 1 to 3600.",
        hint,
      ],
    ],
    [
      ['inbox', 'list', '--role-arn', 'agents'],
      [
        "error: option '--role-arn <arn>' argument 'agents' is invalid. It must be the ARN of an IAM role such as arn:aws:iam::111122223333:role/name, not \"agents\".",
        hint,
      ],
    ],
    [
      ['inbox', 'list', '--limit', 'all'],
      ["error: option '--limit <number>' argument 'all' is invalid. It must be a whole number from 1 to 1000.", hint],
    ],
    [
      ['inbox', 'wait', '--since', '2026-13-01'],
      [
        "error: option '--since <time>' argument '2026-13-01' is invalid. It must be a time such as 2026-01-31T12:00:00Z.",
        hint,
      ],
    ],
    [
      ['backfill', '--since', '2026-02-30'],
      [
        "error: option '--since <time>' argument '2026-02-30' is invalid. It must be a time such as 2026-01-31T12:00:00Z.",
        hint,
      ],
    ],
    [
      ['deploy', '--bucket', 'a', '--bucket', 'b'],
      ["error: option '--bucket <name>' is given twice, with different values", hint],
    ],
    [
      ['deploy', '-e', 'a.env', '--env-file', 'b.env'],
      ["error: option '--env-file <path>' cannot be used with option '-e, --envfile <path>'", hint],
    ],
    [
      ['backfill', '--since', 'yesterday'],
      [
        "error: option '--since <time>' argument 'yesterday' is invalid. It must be a time such as 2026-01-31T12:00:00Z.",
        hint,
      ],
    ],
  ];
  for (const [args, stderr] of cases)
    t.strictSame(await cli(t, args), { status: 1, stdout: '', stderr: `${stderr.join('\n')}\n` }, args.join(' '));
});

t.test('all invalid settings are reported, each with its source', async (t) => {
  const files = {
    'agentkeys-ses-routing.json': '{"timeout":0,"memori":1}',
    'operator.env': 'ACCOUNT_ID=123\nMAIL_DOMAIN="${UNSET#*.}"\n',
  };
  const { status, stdout, stderr } = await cli(
    t,
    ['deploy', '--bucket', 'My_Bucket', '--memory', 'lots', '--envfile', 'operator.env'],
    files,
  );
  t.equal(status, 1);
  t.equal(stdout, '');
  t.strictSame(stderr.split('\n'), [
    'error: agentkeys-ses-routing.json: unknown setting "memori"; did you mean "memory"?',
    'error: --bucket must be the name of an S3 general purpose bucket (3 to 63 lower case letters, digits, dots and hyphens), not "My_Bucket" (from the command line)',
    'error: --account must be an AWS account ID of 12 digits, not "123" (from ACCOUNT_ID in operator.env)',
    "error: operator.env line 2: MAIL_DOMAIN can't be used: its value requires shell expansion; write the value there, or specify --mail-domain",
    'error: --memory must be a whole number of MiB from 128 to 10240, not "lots" (from the command line)',
    'error: --timeout must be a whole number of seconds from 1 to 900, not "0" (from timeout in agentkeys-ses-routing.json)',
    'Nothing was read or written.',
    '',
  ]);
});

t.test('a line of the --envfile is an error only if its variable is read', async (t) => {
  const { run } = await startOperator(t);
  const cwd = t.testdir({
    'operator.env': 'BUCKET=agentkeys-mail-111122223333\nMAIL_DOMAIN="${UNSET#*.}"\nHOST=$(hostname)\n',
  });
  const args = ['deploy', '--dry-run', '--envfile', 'operator.env'];
  const { status, stderr } = await run(args, { cwd });
  t.equal(status, 1);
  t.equal(
    stderr,
    "error: operator.env line 2: MAIL_DOMAIN can't be used: its value requires shell expansion; write the value there, or specify --mail-domain\nNothing was read or written.\n",
  );
  const given = await run([...args, '--mail-domain', 'bots.example.org', '--quiet'], { cwd });
  t.strictSame({ status: given.status, stderr: given.stderr }, { status: 0, stderr: '' });
});

t.test('--envfile has a short form and a former name; the same value twice is no contradiction', async (t) => {
  for (const flag of ['-e', '--envfile', '--env-file']) {
    const run = await cli(t, ['services', flag, 'x.env', flag, 'x.env'], {
      'x.env': 'AGENTKEYS_SES_ROUTING_PREFX=no\nAGENTKEYS_SES_ROUTING_SERVICE=jina\n',
    });
    t.equal(run.status, 0, flag);
    t.match(run.stdout, /jina +jina +on/, flag);
    t.equal(
      run.stderr,
      'warning: AGENTKEYS_SES_ROUTING_PREFX is not a variable of this tool; did you mean AGENTKEYS_SES_ROUTING_PREFIX?\n',
    );
  }
});

t.test('flags become settings', async (t) => {
  const { run, sandbox } = await startOperator(t);
  const cwd = t.testdir({ 'other.json': '{"memory":1024}' });
  const args = [
    'deploy',
    '--config',
    'other.json',
    '--prefix',
    'or',
    '--prefix',
    'xy,zz',
    '--tag',
    'a=1',
    '--tag',
    'b=2',
  ];
  const first = await run([...args, '--no-delete-source'], {
    cwd,
    env: { AGENTKEYS_SES_ROUTING_DELETE_SOURCE: 'true' },
  });
  t.equal(first.status, 0, first.stderr);
  const made = sandbox.state.lambda.functions.get('agentkeys-ses-routing');
  t.match(made, { memory: 1024, environment: { PREFIXES: 'or,xy,zz', DELETE_SOURCE: 'false' } });
  t.match(Object.fromEntries(made?.tags ?? []), { a: '1', b: '2' });
});

t.test('an error of an output stream is not reported as an error of the command', async (t) => {
  const broken = Object.assign(new Writable(), {
    write: () => {
      throw new Error('no more');
    },
  });
  const { signal } = new AbortController();
  const environment = {
    stdin: new PassThrough(),
    stdout: broken,
    stderr: broken,
    env: {},
    cwd: '.',
    version: '',
    signal,
  };
  await t.rejects(main(['--help'], environment), { message: 'no more' });
});
