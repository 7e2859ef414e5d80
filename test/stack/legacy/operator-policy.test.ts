/** What replacing deploy.sh's router takes of IAM: enough, shown by running under it and nothing else, and no more than that. */
import {
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreatePolicyCommand,
  CreateUserCommand,
} from '@aws-sdk/client-iam';
import t from 'tap';
import type { RunOptions } from '../../support/operator.js';
import { afterDeploySh, type Migration, minutes, noteUnder } from './account.js';

interface Policy {
  Statement: Array<{ Action: string[]; Resource: string[] }>;
}

let users = 0;

async function policyFor({ run }: Migration, task: string, ...flags: string[]): Promise<Policy> {
  return JSON.parse((await run(['policy', task, ...flags])).stdout);
}

/** Credentials of a user who has the policy and nothing else. */
async function userWith({ aws }: Migration, policy: Policy): Promise<RunOptions['credentials']> {
  const UserName = `operator-${users++}`;
  await aws.iam.send(new CreateUserCommand({ UserName }));
  const { Policy } = await aws.iam.send(
    new CreatePolicyCommand({ PolicyName: UserName, PolicyDocument: JSON.stringify(policy) }),
  );
  await aws.iam.send(new AttachUserPolicyCommand({ UserName, PolicyArn: Policy?.Arn }));
  const { AccessKey } = await aws.iam.send(new CreateAccessKeyCommand({ UserName }));
  return { accessKeyId: AccessKey?.AccessKeyId ?? '', secretAccessKey: AccessKey?.SecretAccessKey ?? '' };
}

const isOld = (resources: string[]) => resources.some((arn) => arn.includes('agentkeys-ses-router'));

/** The policy without one action on what deploy.sh made. */
function without({ Statement }: Policy, action: string): Policy {
  const version = { Version: '2012-10-17' };
  const left = Statement.map((one) =>
    isOld(one.Resource) ? { ...one, Action: one.Action.filter((each) => each !== action) } : one,
  );
  return { ...version, Statement: left.filter(({ Action }) => Action.length > 0) };
}

function oldActions({ Statement }: Policy): string[] {
  return Statement.filter(({ Resource }) => isOld(Resource)).flatMap(({ Action }) => Action);
}

t.test('reading it', async (t) => {
  const migration = await afterDeploySh(t);
  await migration.run(['deploy']);
  await migration.pass(minutes(10));
  const policy = await policyFor(migration, 'dry-run');
  const enough = await migration.run(['deploy', '--dry-run'], { credentials: await userWith(migration, policy) });
  t.equal(enough.status, 0, enough.stderr);
  t.match(enough.stdout, '4 to delete;');
  const actions = oldActions(policy);
  t.strictSame(actions.length, 7);
  for (const action of actions) {
    const credentials = await userWith(migration, without(policy, action));
    const { status, stdout, stderr } = await migration.run(['deploy', '--dry-run'], { credentials });
    if (action === 'lambda:ListTags')
      t.equal(
        noteUnder(stdout, '! old router'),
        "left alone: it is not as deploy.sh makes it: the function's tags can't be read (lambda:ListTags)",
      );
    else {
      t.equal(status, 1, action);
      t.match(stderr, action);
    }
  }
});

t.test('removing it: without any one of the actions the run stops there, and the next run continues', async (t) => {
  const migration = await afterDeploySh(t);
  const policy = await policyFor(migration, 'deploy');
  const first = await migration.run(['deploy'], { credentials: await userWith(migration, policy) });
  t.equal(first.status, 0, first.stderr);
  await migration.pass(minutes(10));
  const removing = ['lambda:RemovePermission', 'lambda:DeleteFunction', 'iam:DeleteRolePolicy', 'iam:DeleteRole'];
  t.strictSame(
    oldActions(policy)
      .filter((action) => !/:(Get|List)/.test(action))
      .sort(),
    removing.toSorted(),
  );
  for (const action of removing) {
    const credentials = await userWith(migration, without(policy, action));
    const { status, stderr } = await migration.run(['deploy', '--yes'], { credentials });
    t.equal(status, 1, action);
    t.match(stderr, action);
  }
  const last = await migration.run(['deploy', '--yes'], { credentials: await userWith(migration, policy) });
  t.equal(last.status, 0, last.stderr);
  t.strictSame(last.writes, ['iam:DeleteRole']);
});

t.test('with --keep-legacy, none of it', async (t) => {
  const migration = await afterDeploySh(t);
  for (const task of ['dry-run', 'deploy']) {
    const policy = await policyFor(migration, task, '--keep-legacy');
    t.strictSame(oldActions(policy), []);
    const credentials = await userWith(migration, policy);
    const { status, stderr } = await migration.run(['deploy', '--dry-run', '--keep-legacy'], { credentials });
    t.equal(status, 0, stderr);
  }
});
