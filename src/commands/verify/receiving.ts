/**
 * Whether SES stores mail in this bucket, by a receipt rule or by Mail Manager.
 */
import { GetObjectLockConfigurationCommand } from '@aws-sdk/client-s3';
import { ifExists } from '../../aws/errors.js';
import type { Scope } from '../../stack/scope.js';
import { type Check, fail, group, ok, orSkipped, skip } from './check.js';
import { readMailManager } from './mail-manager.js';
import { readReceiptRules } from './receipt-rules.js';
import type { StoringRule } from './storing-rule.js';

/** How mail gets into this bucket. */
export interface Receiving {
  /** A rule whose check is OK; absent if there is none or it is unknown. */
  storing?: StoringRule;
  check: Check;
}

const title = 'receiving: SES stores mail in this bucket';

/** @throws the SDK's errors, except those that leave a part unknown: it is skipped then, with the reason. */
export async function readReceiving(scope: Scope): Promise<Receiving> {
  const [receiptRules, mailManager] = await Promise.all([readReceiptRules(scope), readMailManager(scope)]);
  const ways = [receiptRules, mailManager];
  const rules = ways.flatMap((way) => way.rules);
  const unknown = ways.filter(({ rules, without }) => rules.length === 0 && !without.known);
  if (rules.length === 0) {
    const known = ways.filter(({ without }) => without.known).map(({ without }) => without.reason);
    const answers = known.length === 0 ? [] : [`${[...known, 'mail may be received in another region'].join('; ')}.`];
    return { check: skip(title, [...answers, ...unknown.map(({ without }) => without.reason)].join(' ')) };
  }
  // Other rules may store other mail elsewhere in the bucket: one correct rule is enough.
  const right = rules.filter(({ check }) => check.outcome === 'OK');
  const shown = (right.length > 0 ? right : rules).map(({ check }) => check);
  const locked = receiptRules.rules.length > 0 ? await objectLockChecks(scope) : [];
  return {
    ...(right[0] && { storing: right[0].rule }),
    check: group(title, [...shown, ...locked, ...unknown.map(({ name, without }) => skip(name, without.reason))]),
  };
}

/**
 * "SES does not support receipt rules that upload to S3 buckets enabled with object lock configured with a default retention period."
 * https://docs.aws.amazon.com/ses/latest/dg/receiving-email-action-s3.html
 */
function objectLockChecks({ aws, names, identity, settings }: Scope): Promise<Check[]> {
  const name = 'the bucket has no default Object Lock retention';
  return orSkipped(name, settings, async () => {
    const command = new GetObjectLockConfigurationCommand({
      Bucket: names.bucket,
      ExpectedBucketOwner: identity.account,
    });
    const found = await ifExists(aws.s3.send(command));
    const retention = found?.ObjectLockConfiguration?.Rule?.DefaultRetention;
    if (retention === undefined) return [ok(name)];
    const period = retention.Days === undefined ? `${retention.Years} years` : `${retention.Days} days`;
    return [
      fail(
        name,
        `new objects are locked for ${period} (${retention.Mode}), and SES stores no mail in such a bucket`,
        `remove the default retention: aws s3api put-object-lock-configuration --bucket ${names.bucket} --object-lock-configuration ObjectLockEnabled=Enabled`,
      ),
    ];
  });
}
