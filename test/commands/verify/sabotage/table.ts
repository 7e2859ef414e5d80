/**
 * A table of accounts, each a sound one with one change, and how each case is run: what it opens is closed before and open after, and
 * verify names the statement.
 */
import { AttachRolePolicyCommand, PutRolePolicyCommand, UpdateAssumeRolePolicyCommand } from '@aws-sdk/client-iam';
import { GetBucketPolicyCommand, PutBucketPolicyCommand } from '@aws-sdk/client-s3';
import type { Test } from 'tap';
import { parsePolicy, type Statement } from '../../../../src/policy/document.js';
import { type Account, dataRole, documentOf, startAccount } from './account.js';

/** A change: statements added to a policy, or another change of the account. */
export interface Change {
  /** To the bucket policy; or the whole of it, from the statements that it has. */
  bucket?: Statement[] | ((statements: Statement[]) => Statement[]);
  /** As an inline policy of a role, by the role's name; or a managed policy attached to it. */
  role?: { name: string; statements?: Statement[]; attached?: string };
  /** The data role's trust policy, from the statements that it has. */
  trust?: (statements: Statement[]) => Statement[];
  /** Anything else. */
  act?: (account: Account) => Promise<unknown>;
}

/** A request that is refused in the sound account. It throws when it is refused. */
export type Attempt = (account: Account) => Promise<unknown>;

export interface Sabotage {
  what: string;
  change: Change;
  /** The check that fails: `the broker > does not read routed mail`. */
  fails: string;
  /** What it opens. */
  opens: Attempt;
  /** The statement's Sid or number, if it is not the one that is added. */
  statement?: string;
  flags?: string[];
}

export interface Sound {
  what: string;
  change: Change;
  /** What it is for: a request that works afterwards. */
  works?: Attempt;
  flags?: string[];
}

/** The Sid of the statement that is added, unless the case has one of its own. */
export const sid = 'Sabotage';

const withSid = (statements: Statement[]): Statement[] =>
  statements.map((statement) => ({ Sid: statement.Effect === 'Allow' ? sid : 'Exception', ...statement }));

async function apply({ bucket, role, trust, act }: Change, account: Account): Promise<void> {
  const { aws, bucket: Bucket, sandbox } = account;
  if (bucket !== undefined) {
    const { Policy = '' } = await aws.s3.send(new GetBucketPolicyCommand({ Bucket }));
    const before = parsePolicy(Policy).Statement;
    const Statement = typeof bucket === 'function' ? bucket(before) : [...before, ...withSid(bucket)];
    await aws.s3.send(new PutBucketPolicyCommand({ Bucket, Policy: documentOf(Statement) }));
  }
  if (role !== undefined) {
    const { name: RoleName, statements, attached: PolicyArn } = role;
    const PolicyDocument = statements && documentOf(withSid(statements));
    if (PolicyDocument !== undefined)
      await aws.iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'more', PolicyDocument }));
    if (PolicyArn !== undefined) await aws.iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn }));
  }
  if (trust !== undefined) {
    const { Statement } = parsePolicy(String(sandbox.state.iam.roles.get(dataRole)?.trust));
    const PolicyDocument = documentOf(trust(Statement));
    await aws.iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: dataRole, PolicyDocument }));
  }
  await act?.(account);
}

/** Whether AWS allows it; an error that is no denial is a fault of the case. */
async function allowed(attempt: Attempt, account: Account): Promise<boolean> {
  try {
    await attempt(account);
    return true;
  } catch (error) {
    const { name, message } = error as Error;
    if (/AccessDenied|Denied by/.test(name)) return false;
    throw new Error(`${name}: ${message}`);
  }
}

/** Runs a table against one account. */
export function sabotaged(t: Test, cases: Sabotage[]): Promise<unknown> {
  return t.test('each is judged FAIL, by the right check and the right statement', async (t) => {
    const account = await startAccount(t);
    t.strictSame((await account.judge()).failed, [], 'the sound account');
    for (const { what, change, fails, opens, flags, statement: named = sid } of cases) {
      const restore = account.save();
      const before = await allowed(opens, account);
      await apply(change, account);
      const after = await allowed(opens, account);
      t.strictSame({ before, after }, { before: false, after: true }, `${what}: really opens something`);
      const judgement = await account.judge(flags);
      t.ok(judgement.failed.includes(fails), `${what}: FAIL`, { failed: judgement.failed, fails });
      const findings = judgement.findings(fails);
      t.ok(
        findings.some(({ statement }) => statement === named),
        `${what}: the statement is named`,
        { findings },
      );
      restore();
    }
    t.strictSame((await account.judge()).failed, [], 'the sound account again');
  });
}

/** Runs a table of accounts that are to be judged OK. */
export function sound(t: Test, cases: Sound[]): Promise<unknown> {
  return t.test('each is judged OK', async (t) => {
    const account = await startAccount(t);
    for (const { what, change, works, flags } of cases) {
      const restore = account.save();
      await apply(change, account);
      if (works !== undefined) t.ok(await allowed(works, account), `${what}: works`);
      const { failed, json } = await account.judge(flags);
      t.strictSame(failed, [], what, { json });
      restore();
    }
  });
}
