/**
 * The operator's policy for `status` is sufficient: the command runs with it alone. And it is minimal: without any one of its actions,
 * the report is incomplete.
 */
import {
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreatePolicyCommand,
  CreateUserCommand,
} from '@aws-sdk/client-iam';
import t from 'tap';
import type { operatorPolicy } from '../../../src/stack/operator-policy.js';
import { runDeploySh } from '../../support/deploy-sh.js';
import { startOperator } from '../../support/operator.js';

type Policy = ReturnType<typeof operatorPolicy>;

/** The policy without one of its actions, for each action. */
function lesser({ Statement: statements, ...policy }: Policy): Array<{ without: string; policy: Policy }> {
  const single = statements.flatMap((statement) =>
    [statement.Action ?? []].flat().map((Action) => ({ ...statement, Action })),
  );
  return single.map((one) => ({
    without: `${one.Action} on ${[one.Resource].flat().join(', ')}`,
    policy: { ...policy, Statement: single.filter((other) => other !== one) },
  }));
}

t.test('the policy is sufficient and minimal', async (t) => {
  const operator = await startOperator(t);
  const { run, aws, sandbox, bucket } = operator;
  // An account with everything that status can show.
  await runDeploySh(aws, { account: sandbox.account, bucket });
  await run(['deploy', '--alarm-topic', 'arn:aws:sns:us-east-1:111122223333:operators']);
  // An event that waits, and when it was sent.
  const queue = sandbox.state.sqs.queues.get('agentkeys-ses-routing-retry');
  const sent = sandbox.state.now() - 300_000;
  const waiting = { id: 'a', body: '{}', attributes: {}, sender: 'x', received: 0, visibleAt: sent + 3_600_000 };
  queue?.messages.push({ ...waiting, sent });
  Object.assign(queue ?? {}, { measuredAt: sent });
  let users = 0;
  /** Runs it as a user who has the policy and nothing else. */
  const status = async (policy: Policy, ...flags: string[]) => {
    const UserName = `watcher-${users++}`;
    const PolicyDocument = JSON.stringify(policy);
    await aws.iam.send(new CreateUserCommand({ UserName }));
    const { Policy } = await aws.iam.send(new CreatePolicyCommand({ PolicyName: UserName, PolicyDocument }));
    await aws.iam.send(new AttachUserPolicyCommand({ UserName, PolicyArn: Policy?.Arn }));
    const { AccessKey } = await aws.iam.send(new CreateAccessKeyCommand({ UserName }));
    const { AccessKeyId: accessKeyId = '', SecretAccessKey: secretAccessKey = '' } = AccessKey ?? {};
    return run(['status', ...flags], { credentials: { accessKeyId, secretAccessKey } });
  };

  for (const flags of [[], ['--function-name', 'f', '--role-name', 'r', '--rule-name', 'u'], ['--no-broker']]) {
    const printed = await run(['policy', 'status', ...flags]);
    const under = await status(JSON.parse(printed.stdout), ...flags);
    t.equal(under.status, flags.includes('f') ? 2 : 0, under.stderr);
    t.notMatch(under.stdout, 'unknown');
    t.equal(resourcesOn(under.stdout), resourcesOn((await run(['status', ...flags])).stdout));
  }
  const whole: Policy = JSON.parse((await run(['policy', 'status'])).stdout);
  const seen = resourcesOn((await status(whole)).stdout);
  for (const { without, policy } of lesser(whole)) {
    const { status: exit, stdout } = await status(policy);
    t.ok(exit === 1 || stdout.includes('unknown') || resourcesOn(stdout) !== seen, `without ${without}`);
  }
});

/** The part of the screen with the resources. */
function resourcesOn(stdout: string): string {
  return stdout.slice(0, stdout.indexOf('\nMail\n'));
}
