import type { ExistingFunction } from '../../../../src/stack/resources/function/state.js';
import { code, type Deployed, environment, functionName, type PlanCase, versionTag } from '../support.js';

const line = `~ function        ${functionName}`;
const other = 'c29tZWJvZHkgZWxzZQ==';

/** The function with another configuration. */
export const configured =
  (configuration: ExistingFunction['configuration']) =>
  ({ function: { existing } }: Deployed) => ({
    function: { existing: { ...existing, configuration: { ...existing.configuration, ...configuration } } },
  });

/** The function with other tags: undefined removes one. */
export const tagged =
  (tags: Record<string, string | undefined>, configuration: ExistingFunction['configuration'] = {}) =>
  (stack: Deployed) => {
    const { existing } = configured(configuration)(stack).function;
    const all = Object.entries({ ...existing.tags, ...tags }).filter(([, value]) => value !== undefined);
    return { function: { existing: { ...existing, tags: Object.fromEntries(all) as Record<string, string> } } };
  };

/** Those that the drift tests have too. The others are in ../function.test.ts. */
export const functionCases: PlanCase[] = [
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
    name: 'an extra environment variable',
    observed: configured({ Environment: { Variables: { ...environment, NODE_OPTIONS: '--require=/tmp/x' } } }),
    lines: [line, '    - environment NODE_OPTIONS: (value not shown)'],
    writes: ['lambda:UpdateFunctionConfiguration'],
    destroys: ['remove the environment variables NODE_OPTIONS'],
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
];
