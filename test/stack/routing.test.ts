/**
 * Mail through the stack as deployed: the zip run with the execution role's own, enforced permissions.
 */
import { PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import t from 'tap';
import { deliver, routedKeys } from '../../src/commands/demo/mail.js';
import { expectedKeys, keysIn, messages, startRouting } from '../support/mail.js';
import type { Operator } from '../support/operator.js';

const roleName = 'agentkeys-ses-routing-role';

/** The lines the function logged. */
function logged({ sandbox }: Operator): string[] {
  const group = sandbox.state.logs.groups.get('/aws/lambda/agentkeys-ses-routing');
  return [...(group?.streams.values() ?? [])].flatMap((stream) => stream.map(({ message }) => message));
}

t.test('every fixture ends where it should, byte for byte, and each is logged once', async (t) => {
  const operator = await startRouting(t);
  await deliver(operator.aws, operator.bucket, messages);
  await operator.sandbox.settled();
  t.strictSame(await keysIn(operator), expectedKeys);
  for (const message of messages)
    for (const key of routedKeys(message)) {
      const { Body } = await operator.aws.s3.send(new GetObjectCommand({ Bucket: operator.bucket, Key: key }));
      t.ok(message.raw.equals((await Body?.transformToByteArray()) ?? Buffer.alloc(0)), key);
    }
  const lines = logged(operator)
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
  t.strictSame(lines.map(({ key }) => key).sort(), messages.map(({ key }) => key).sort());
});

t.test('delivered twice, the result is the same', async (t) => {
  const operator = await startRouting(t);
  for (const _time of [1, 2]) {
    await deliver(operator.aws, operator.bucket, messages);
    await operator.sandbox.settled();
  }
  t.strictSame(await keysIn(operator), expectedKeys);
});

t.test("with --delete-source a message goes once it is routed on SES's word, and only then", async (t) => {
  const operator = await startRouting(t, '--delete-source');
  await deliver(operator.aws, operator.bucket, messages);
  await operator.sandbox.settled();
  const gone = messages.filter(({ routed }) => routed?.by === 'envelope').map(({ key }) => key);
  t.ok(gone.length > 3);
  t.strictSame(
    await keysIn(operator),
    expectedKeys.filter((key) => !gone.includes(key)),
  );
});

t.test("take any one statement out of the role's policy and something fails", async (t) => {
  for (const Sid of ['ReadInbound', 'ListInbound', 'WriteRouted', 'WriteLogs', 'DeleteInbound']) {
    const operator = await startRouting(t, '--delete-source');
    const policy = JSON.parse(operator.sandbox.state.iam.roles.get(roleName)?.inline.get(`${roleName}-inline`) ?? '');
    const without = policy.Statement.filter((statement: { Sid: string }) => statement.Sid !== Sid);
    t.equal(without.length, policy.Statement.length - 1);
    await operator.aws.iam.send(
      new PutRolePolicyCommand({
        RoleName: roleName,
        PolicyName: `${roleName}-inline`,
        PolicyDocument: JSON.stringify({ ...policy, Statement: without }),
      }),
    );
    // One that is gone before the function comes to it, too: ListInbound is there to tell that from a denial.
    const release = operator.sandbox.intercept(({ service, operation, input }) => {
      const { Key } = input as { Key?: string };
      if (service === 's3' && operation === 'GetObject' && Key !== undefined && Key === messages[0]?.key)
        operator.sandbox.state.s3.buckets.get(operator.bucket)?.objects.delete(Key);
      return undefined;
    });
    await deliver(operator.aws, operator.bucket, messages);
    await operator.sandbox.settled();
    release();
    const failed = operator.sandbox.state.deliveries
      .filter(({ outcome }) => outcome === 'failed')
      .map(({ key }) => key);
    if (Sid === 'WriteLogs') t.strictSame(logged(operator), [], 'no logs');
    else if (Sid === 'ListInbound') t.strictSame(failed, [messages[0]?.key], 'what is gone looks denied');
    else t.ok(failed.length > 3, Sid);
  }
});
