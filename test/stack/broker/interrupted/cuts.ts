/**
 * A role with grants of all kinds, and a client that is cut off for good at one of its writes, as a kill leaves it.
 */
import { TagRoleCommand } from '@aws-sdk/client-iam';
import type { Operator } from '../../../support/operator.js';
import { lettersOf, RoleName, shape } from '../brokers-role.js';

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

export const take = ['deploy', '--remove-broad-grants', '--yes'];
export const giveBack = ['teardown', '--broker', '--yes', '--delete-logs'];

export async function withGrants(operator: Operator): Promise<object> {
  await shape(operator, grants);
  await operator.aws.iam.send(new TagRoleCommand({ RoleName, Tags: [{ Key: 'team', Value: 'mail' }] }));
  return lettersOf(operator);
}

export type Moment = 'before' | 'after';

/** Cuts the client off for good at its n-th write, as a kill does. @returns how to let the next one through */
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
 * Each write cut off before its effect and after it. After one write the account is as it is before the next one: what comes then may
 * differ by the moment, and each state between two writes meets both.
 */
export function cuts(writes: string[]): Array<{ n: number; moment: Moment; where: string }> {
  return writes.flatMap((write, index) =>
    moments.map((moment) => ({ n: index + 1, moment, where: `${moment} write ${index + 1}, ${write}` })),
  );
}
