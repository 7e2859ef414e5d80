import t from 'tap';
import type { ExistingFunction } from '../../../src/stack/resources/function/state.js';
import {
  checkPlans,
  code,
  type Deployed,
  environment,
  functionName,
  type PlanCase,
  roleArn,
  scopeWith,
  versionTag,
} from './support.js';

const line = `~ function        ${functionName}`;
const interimRole = scopeWith().names.interimRoleName;
const other = 'c29tZWJvZHkgZWxzZQ==';

/** The function with another configuration. */
const configured =
  (configuration: ExistingFunction['configuration']) =>
  ({ function: { existing } }: Deployed) => ({
    function: { existing: { ...existing, configuration: { ...existing.configuration, ...configuration } } },
  });

/** The function with other tags: undefined removes one. */
const tagged =
  (tags: Record<string, string | undefined>, configuration: ExistingFunction['configuration'] = {}) =>
  (stack: Deployed) => {
    const { existing } = configured(configuration)(stack).function;
    const all = Object.entries({ ...existing.tags, ...tags }).filter(([, value]) => value !== undefined);
    return { function: { existing: { ...existing, tags: Object.fromEntries(all) as Record<string, string> } } };
  };

const variable = (name: string, value: string): PlanCase => ({
  name: `environment ${name}`,
  observed: configured({ Environment: { Variables: { ...environment, [name]: 'something-else' } } }),
  lines: [line, `    ~ environment ${name}: something-else -> ${value}`],
  writes: ['lambda:UpdateFunctionConfiguration'],
});

checkPlans(t, [
  {
    name: 'code',
    observed: configured({ CodeSha256: other }),
    lines: [line, `    ~ code: SHA-256 ${other} -> SHA-256 ${code.codeSha256}`],
    writes: ['lambda:UpdateFunctionCode'],
  },
  {
    name: "another version's code: its tag is changed after the code",
    observed: tagged({ 'agentkeys-ses-routing:version': '0.0.9+736f6d65626f' }, { CodeSha256: other }),
    lines: [
      line,
      `    ~ code: SHA-256 ${other} -> SHA-256 ${code.codeSha256}`,
      '    ~ tag agentkeys-ses-routing:version: 0.0.9+736f6d65626f ->',
      `      ${versionTag}`,
    ],
    writes: ['lambda:UpdateFunctionCode', 'lambda:TagResource'],
  },
  {
    name: 'deployed by a version that set no version tag',
    observed: tagged({ 'agentkeys-ses-routing:version': undefined }),
    lines: [line, `    + tag agentkeys-ses-routing:version: ${versionTag}`],
    writes: ['lambda:TagResource'],
  },
  {
    name: 'architecture',
    observed: configured({ Architectures: ['x86_64'] }),
    lines: [line, '    ~ architecture: x86_64 -> arm64'],
    writes: ['lambda:UpdateFunctionCode'],
  },
  {
    name: 'runtime',
    observed: configured({ Runtime: 'nodejs22.x' }),
    lines: [line, '    ~ runtime: nodejs22.x -> nodejs24.x'],
    writes: ['lambda:UpdateFunctionConfiguration'],
  },
  {
    name: 'handler',
    observed: configured({ Handler: 'other.main' }),
    lines: [line, '    ~ handler: other.main -> index.handler'],
    writes: ['lambda:UpdateFunctionConfiguration'],
  },
  {
    name: 'memory',
    observed: configured({ MemorySize: 128 }),
    lines: [line, '    ~ memory: 128 MiB -> 256 MiB'],
    writes: ['lambda:UpdateFunctionConfiguration'],
  },
  {
    name: 'timeout',
    observed: configured({ Timeout: 3 }),
    lines: [line, '    ~ timeout: 3 s -> 30 s'],
    writes: ['lambda:UpdateFunctionConfiguration'],
  },
  {
    name: 'role of the function',
    observed: configured({ Role: 'arn:aws:iam::111122223333:role/another' }),
    lines: [line, '    ~ role: arn:aws:iam::111122223333:role/another ->', `      ${roleArn}`],
    writes: ['lambda:UpdateFunctionConfiguration'],
  },
  ...['ACCOUNT_ID', 'DELETE_SOURCE', 'LOG_LEVEL'].map((name) =>
    variable(name, String(environment[name as keyof typeof environment])),
  ),
  {
    ...variable('BUCKET', environment.BUCKET),
    destroys: ['stop routing the mail of the bucket something-else'],
  },
  // Without a domain in the settings, the mail of every domain is routed: nothing stops.
  variable('MAIL_DOMAIN', '(empty)'),
  { ...variable('PREFIXES', 'or'), destroys: ['stop routing mail to something-else-0x…'] },
  {
    name: 'an extra environment variable',
    observed: configured({ Environment: { Variables: { ...environment, NODE_OPTIONS: '--require=/tmp/x' } } }),
    lines: [line, '    - environment NODE_OPTIONS: --require=/tmp/x'],
    writes: ['lambda:UpdateFunctionConfiguration'],
  },
  {
    name: 'no environment',
    observed: configured({ Environment: { Variables: {} } }),
    lines: [
      line,
      '    + environment ACCOUNT_ID: 111122223333',
      '    + environment BUCKET: agentkeys-mail-111122223333',
      '    + environment DELETE_SOURCE: false',
      '    + environment LOG_LEVEL: info',
      '    + environment MAIL_DOMAIN: (empty)',
      '    + environment PREFIXES: or',
    ],
    writes: ['lambda:UpdateFunctionConfiguration'],
  },
  {
    name: 'a log level requested',
    settings: { logLevel: 'error' },
    lines: [line, '    ~ environment LOG_LEVEL: info -> error'],
    writes: ['lambda:UpdateFunctionConfiguration'],
  },
  {
    name: 'a mail domain requested: needs confirmation',
    settings: { mailDomain: 'bots.litentry.org' },
    lines: [line, '    ~ environment MAIL_DOMAIN: (empty) -> bots.litentry.org'],
    writes: ['lambda:UpdateFunctionConfiguration'],
    destroys: ['stop routing mail to any domain but bots.litentry.org'],
  },
  {
    name: 'asynchronous retries and event age',
    observed: ({ function: { existing } }) => ({
      function: { existing: { ...existing, eventInvoke: { maximumRetryAttempts: 0, maximumEventAge: 60 } } },
    }),
    lines: [line, '    ~ asynchronous retries: 0 -> 2', '    ~ event age: 60 s -> 21600 s'],
    writes: ['lambda:UpdateFunctionEventInvokeConfig'],
  },
  ...(
    [
      ['a reserved concurrency requested', undefined, '    + reserved concurrency: 10'],
      ['another reserved concurrency', 7, '    ~ reserved concurrency: 7 -> 10'],
    ] as const
  ).map(
    ([name, have, shown]): PlanCase => ({
      name,
      observed: ({ function: { existing } }) => ({
        function: {
          existing: { ...existing, ...(have === undefined ? {} : { reservedConcurrency: have }) },
          concurrency: { limit: 1_000, unreserved: 1_000 - (have ?? 0) },
        },
      }),
      settings: { reservedConcurrency: 10 },
      lines: [line, shown],
      writes: ['lambda:PutFunctionConcurrency'],
    }),
  ),
  {
    name: 'an interim role left by an interrupted run',
    observed: ({ function: { existing } }) => ({ function: { existing: { ...existing, interimRole: true } } }),
    lines: [line, `    - role left by an interrupted run: ${interimRole}`],
    writes: ['iam:DeleteRole'],
  },
  {
    name: 'not managed: adopted, tagged first',
    observed: tagged({ 'managed-by': undefined }, { MemorySize: 128 }),
    lines: [
      `> function        ${functionName}`,
      '    + tag managed-by: agentkeys-ses-routing',
      '    ~ memory: 128 MiB -> 256 MiB',
    ],
    writes: ['lambda:TagResource', 'lambda:UpdateFunctionConfiguration'],
  },
]);
