/**
 * Whether SES's active receipt rules store mail in this bucket, under `inbound/`, unencrypted.
 * https://docs.aws.amazon.com/ses/latest/dg/receiving-email-receipt-rules-console-walkthrough.html
 */
import { DescribeActiveReceiptRuleSetCommand, type ReceiptRule, type S3Action, SESClient } from '@aws-sdk/client-ses';
import { INBOUND_PREFIX } from '../../../handler/mail/address.js';
import { explain, nameOf, statusOf } from '../../aws/errors.js';
import type { Scope } from '../../stack/scope.js';
import { type Check, fail, group, ok, skip } from './check.js';

/** What is known about the receipt rules. */
export interface ReceiptRules {
  /** The rule that stores mail in this bucket under `inbound/`; absent if there is none or it is unknown. */
  storing?: { arn: string /** The role that SES assumes to store mail, if the rule has one. */; roleArn?: string };
  check: Check;
}

const name = 'receiving: SES stores mail in this bucket';

/** @throws the SDK's errors, except an access denial and SES's error for a region where it receives no mail. */
export async function readReceiptRules(scope: Scope): Promise<ReceiptRules> {
  const { aws, names, settings } = scope;
  let answer: { Metadata?: { Name?: string }; Rules?: ReceiptRule[] };
  try {
    answer = await aws.client(SESClient).send(new DescribeActiveReceiptRuleSetCommand({}));
  } catch (error) {
    // https://docs.aws.amazon.com/ses/latest/dg/regions.html#region-receive-email: elsewhere its operations on rules are "Unavailable Operation".
    if (nameOf(error) === 'InvalidAction')
      return { check: skip(name, 'SES does not receive mail in this region; it may receive it in another one') };
    if (statusOf(error) !== 403) throw error;
    return { check: skip(name, explain(error, settings.endpointUrl)) };
  }
  const rules = (answer.Rules ?? []).flatMap((rule) => storingHere(rule, names.bucket));
  if (rules.length === 0) {
    const set = answer.Metadata?.Name;
    const none =
      set === undefined ? 'no receipt rule set is active' : `no rule of the active set ${set} stores mail in it`;
    return { check: skip(name, `${none} in this account and region; mail may be received in another one`) };
  }
  const checks = rules.map((rule) => ruleCheck(rule, scope));
  // Other rules may store other mail elsewhere in the bucket: one correct rule is enough.
  const right = rules.find((_, index) => checks[index]?.outcome === 'OK');
  if (right === undefined) return { check: group(name, checks) };
  const { region, account, partition } = scope.identity;
  const arn = `arn:${partition}:ses:${region}:${account}:receipt-rule-set/${answer.Metadata?.Name}:receipt-rule/${right.rule.Name}`;
  const { IamRoleArn: roleArn } = right.action;
  return {
    storing: { arn, ...(roleArn === undefined ? {} : { roleArn }) },
    check: group(
      name,
      checks.filter(({ outcome }) => outcome === 'OK'),
    ),
  };
}

interface Storing {
  rule: ReceiptRule;
  action: S3Action;
}

function storingHere(rule: ReceiptRule, bucket: string): Storing[] {
  const actions = (rule.Actions ?? []).flatMap(({ S3Action: action }) => (action === undefined ? [] : [action]));
  return actions.filter(({ BucketName }) => BucketName === bucket).map((action) => ({ rule, action }));
}

function ruleCheck({ rule, action }: Storing, { settings, names }: Scope): Check {
  const title = `receipt rule ${rule.Name}`;
  const { ObjectKeyPrefix = '', KmsKeyArn } = action;
  const edit = `change the rule (SES, Email receiving, rule ${rule.Name})`;
  if (!ObjectKeyPrefix.startsWith(INBOUND_PREFIX))
    return fail(
      title,
      `it stores mail under ${ObjectKeyPrefix === '' ? 'no prefix' : ObjectKeyPrefix}, but only mail under ${INBOUND_PREFIX} is routed`,
      `${edit}: object key prefix ${INBOUND_PREFIX}`,
    );
  if (KmsKeyArn !== undefined)
    return fail(
      title,
      `SES encrypts each message with ${KmsKeyArn} before storing it, so the function can't read the recipient and routes nothing`,
      `${edit}: message encryption off. The bucket's own encryption may use a key instead: aws s3api put-bucket-encryption --bucket ${names.bucket} …`,
    );
  if (rule.Enabled !== true) return fail(title, 'it is disabled', `${edit}: enable it`);
  const { mailDomain } = settings;
  if (mailDomain !== undefined && !takes(rule.Recipients ?? [], mailDomain))
    return fail(
      title,
      `it receives mail for ${rule.Recipients?.join(', ')}, not for ${mailDomain}`,
      `${edit}: add the recipient ${mailDomain}; or check --mail-domain (MAIL_DOMAIN)`,
    );
  return ok(title);
}

/** A rule without recipients matches all mail; `domain` matches its addresses; `.domain` those of its subdomains. */
function takes(recipients: string[], domain: string): boolean {
  const wanted = domain.toLowerCase();
  const named = recipients.map((recipient) => recipient.toLowerCase());
  return named.length === 0 || named.some((one) => one === wanted || (one.startsWith('.') && wanted.endsWith(one)));
}
