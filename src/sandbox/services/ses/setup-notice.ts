/**
 * SES: the notice that it writes to a receipt rule's bucket, to check its permissions.
 */
import { createHash } from 'node:crypto';
import { decide } from '../../access/authorize.js';
import { serviceCaller, sessionArn } from '../../access/callers.js';
import type { AccountState, Bucket, ReceiptRule } from '../../account/state.js';
import { AwsRefusal, type Caller } from '../../operation.js';
import { storeObject } from '../s3/versions.js';

/**
 * The caller that writes an action's mail: SES, or the action's role.
 * https://docs.aws.amazon.com/ses/latest/APIReference/API_S3Action.html
 * @throws {AwsRefusal} InvalidParameterValue for a role that SES can't assume
 */
function writerOf(state: AccountState, roleArn: string | undefined): Caller {
  const ses = serviceCaller('ses.amazonaws.com');
  if (roleArn === undefined) return ses;
  const role = [...state.iam.roles.values()].find(({ arn }) => arn === roleArn);
  if (!role || !decide(state, ses, { action: 'sts:AssumeRole', resource: roleArn }).allowed) {
    throw new AwsRefusal('InvalidParameterValue', 'Could not assume the provided IAM role');
  }
  const { name, arn, id } = role;
  const principal = { arn: sessionArn(state, name, 'ses'), roleArn: arn, account: state.account };
  return { principal, userId: `${id}:ses`, identity: { kind: 'role', name }, tags: {} };
}

/** The name of the notice under an action's prefix. */
function writeNotice(state: AccountState, bucket: Bucket, key: string, by: Caller): void {
  const body = Buffer.from(
    [
      'From: Amazon Web Services <no-reply@example.com>',
      'Subject: Amazon SES Setup Notification',
      '',
      'A receipt rule of Amazon SES stores the mail that it is for under this prefix from now on.',
      '',
    ].join('\r\n'),
  );
  storeObject(bucket, key, {
    body,
    etag: `"${createHash('md5').update(body).digest('hex')}"`,
    modified: new Date(state.now()),
    contentType: 'application/octet-stream',
    metadata: {},
    tags: new Map(),
    encryption: bucket.encryption,
  });
  state.objectCreated(bucket, key, 'PutObject', by.principal.account ?? by.principal.arn, '127.0.0.1');
}

/**
 * Writes a notice to the bucket of each action. SES rejects a rule whose bucket it can't write to.
 * https://docs.aws.amazon.com/ses/latest/dg/receiving-email-permissions.html#receiving-email-permissions-s3
 * @throws {AwsRefusal} InvalidS3Configuration
 */
export function writeSetupNotices(state: AccountState, ruleSet: string, { Name, Actions }: ReceiptRule): void {
  const source = `arn:${state.partition}:ses:${state.region}:${state.account}:receipt-rule-set/${ruleSet}:receipt-rule/${Name}`;
  const context = { 'aws:SourceArn': source, 'aws:SourceAccount': state.account, 'aws:Referer': state.account };
  for (const { S3Action } of Actions) {
    if (S3Action === undefined) continue;
    const { BucketName, ObjectKeyPrefix = '', IamRoleArn } = S3Action;
    const writer = writerOf(state, IamRoleArn);
    const key = `${ObjectKeyPrefix}AMAZON_SES_SETUP_NOTIFICATION`;
    const resource = `arn:${state.partition}:s3:::${BucketName}/${key}`;
    const bucket = state.s3.buckets.get(String(BucketName));
    if (!bucket || !decide(state, writer, { action: 's3:PutObject', resource, context }).allowed) {
      throw new AwsRefusal('InvalidS3Configuration', `Could not write to bucket: ${BucketName}`);
    }
    writeNotice(state, bucket, key, writer);
  }
}
