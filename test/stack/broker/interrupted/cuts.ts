/**
 * A role with grants of all kinds, and a client that loses its connection for good at one of its writes, as when it is killed.
 */
import { TagRoleCommand } from '@aws-sdk/client-iam';
import type { Operator } from '../../../support/operator.js';
import { RoleName, shape, snapshotOf } from '../broker-role.js';

const bucketArn = 'arn:aws:s3:::agentkeys-mail-111122223333';
const wide = '{"Version":"2012-10-17", "Statement": {"Sid":"All","Effect":"Allow","Action":"s3:*","Resource":"*"}}';
const grants = {
  attached: ['AmazonS3FullAccess', 'AmazonS3ReadOnlyAccess'],
  inline: {
    'wide,open': wide,
    mail: `{\n  "Statement": [{ "Effect": "Allow", "Action": ["s3:*"], "Resource": ["${bucketArn}", "${bucketArn}/*"] }]\n}\n`,
    queue: '{"Statement":[{"Effect":"Allow","Action":"sqs:*","Resource":"*"}]}',
  },
  managed: { theirs: wide },
};

export const removeGrants = ['deploy', '--remove-broad-grants', '--yes'];
export const restoreGrants = ['teardown', '--broker', '--yes', '--delete-logs'];

export async function withGrants(operator: Operator): Promise<object> {
  await shape(operator, grants);
  await operator.aws.iam.send(new TagRoleCommand({ RoleName, Tags: [{ Key: 'team', Value: 'mail' }] }));
  return snapshotOf(operator);
}

export type Moment = 'before' | 'after';

/** Cuts the client off at its n-th write and all later calls, as when it is killed. @returns ends that */
export function cutOff({ sandbox }: Operator, n: number, moment: Moment): () => void {
  let writes = 0;
  let cut = false;
  return sandbox.intercept(({ mutates }) => {
    if (mutates && !cut && ++writes === n) {
      cut = true;
      if (moment === 'after') return { kind: 'lose-answer' };
    }
    return cut ? { kind: 'refuse', code: 'AccessDenied', status: 403 } : undefined;
  });
}

export const moments: Moment[] = ['before', 'after'];

/**
 * Each write, cut off before its effect and after it. The account after one write is the account before the next, so each state between
 * two writes is tested with both ways to continue.
 */
export function cuts(writes: string[]): Array<{ n: number; moment: Moment; where: string }> {
  return writes.flatMap((write, index) =>
    moments.map((moment) => ({ n: index + 1, moment, where: `${moment} write ${index + 1}, ${write}` })),
  );
}
