/**
 * What vanishes while it is read is not there: each kind of read of a deploy and a teardown is answered as if somebody had just deleted it.
 */
import { PutRolePolicyCommand } from '@aws-sdk/client-iam';
import t from 'tap';
import { startOperator } from '../support/operator.js';

const absent: Record<string, { code: string; status: number }> = {
  iam: { code: 'NoSuchEntity', status: 404 },
  lambda: { code: 'ResourceNotFoundException', status: 404 },
  events: { code: 'ResourceNotFoundException', status: 400 },
  logs: { code: 'ResourceNotFoundException', status: 400 },
};

t.test('each kind of read in turn', async (t) => {
  const { run, sandbox, aws } = await startOperator(t);
  await aws.iam.send(
    new PutRolePolicyCommand({
      RoleName: 'agentkeys-broker-host',
      PolicyName: 'wide',
      PolicyDocument: JSON.stringify({ Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }] }),
    }),
  );
  for (const [reach, command] of [
    [['deploy'], ['deploy', '--dry-run']],
    [
      ['deploy', '--remove-broad-grants', '--yes'],
      ['teardown', '--dry-run', '--broker'],
    ],
  ] as const) {
    await run([...reach]);
    const { calls } = await run([...command]);
    const reads = new Set(calls.map(({ service, operation }) => `${service} ${operation}`));
    for (const read of reads) {
      const [service = '', operation = ''] = read.split(' ');
      const refusal = absent[service];
      // DescribeLogGroups is a search, not a look at one thing: it finds none.
      if (refusal === undefined || operation === 'DescribeLogGroups') continue;
      // The first time only: what is known in part is asked for again, until all of it is there, or none.
      const asked = new Set<string>();
      const release = sandbox.intercept((call) => {
        const about = JSON.stringify(call.input);
        if (call.service !== service || call.operation !== operation || asked.has(about)) return undefined;
        asked.add(about);
        return { kind: 'refuse', ...refusal };
      });
      const { status, stderr, writes } = await run([...command]);
      release();
      t.equal(status, 0, `${read}: ${stderr}`);
      t.strictSame(writes, []);
    }
  }
});

t.test('a bucket that S3 keeps failing to return is an error, and nothing is written', async (t) => {
  const { run, sandbox } = await startOperator(t);
  sandbox.intercept(({ operation }) =>
    operation === 'HeadBucket' ? { kind: 'refuse', code: 'InternalError', status: 500 } : undefined,
  );
  const { status, stderr, writes } = await run(['deploy']);
  t.equal(status, 1);
  t.match(stderr, /^error: .*Nothing was written\.$/m);
  t.strictSame(writes, []);
});
