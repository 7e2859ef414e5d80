/**
 * Whether SES's active receipt rules store mail in this bucket, under `inbound/`, unencrypted.
 * https://docs.aws.amazon.com/ses/latest/dg/receiving-email-receipt-rules-console-walkthrough.html
 */
import { DescribeActiveReceiptRuleSetCommand, type ReceiptRule, type S3Action, SESClient } from '@aws-sdk/client-ses';
import { INBOUND_PREFIX } from '../../../handler/mail/address.js';
import { explain, nameOf, statusOf } from '../../aws/errors.js';
import type { Identity, Scope } from '../../stack/scope.js';
import { type Check, fail, ok, skip } from './check.js';
import type { Way } from './storing-rule.js';

/**
 * The Regions that every account has. All later ones are opt-in Regions, so this list is complete.
 * https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html: "launched before March 20, 2019"
 */
const DEFAULT_REGIONS = new Set([
  ...['us-east-1', 'us-east-2', 'us-west-1', 'us-west-2', 'ca-central-1', 'sa-east-1'],
  ...['eu-central-1', 'eu-north-1', 'eu-west-1', 'eu-west-2', 'eu-west-3'],
  ...['ap-northeast-1', 'ap-northeast-2', 'ap-northeast-3', 'ap-south-1', 'ap-southeast-1', 'ap-southeast-2'],
]);

/** Whether an account has a region only after opting in. The other partitions have no such regions. */
export function isOptIn({ partition, region }: Pick<Identity, 'partition' | 'region'>): boolean {
  return partition === 'aws' && !DEFAULT_REGIONS.has(region);
}

/** @throws the SDK's errors, except an access denial and SES's error for a region where it receives no mail. */
export async function readReceiptRules(scope: Scope): Promise<Way> {
  const { aws, names, settings, identity } = scope;
  const name = 'receipt rules';
  const none = (reason: string): Way => ({ name, rules: [], without: { known: true, reason } });
  let answer: { Metadata?: { Name?: string }; Rules?: ReceiptRule[] };
  try {
    answer = await aws.client(SESClient).send(new DescribeActiveReceiptRuleSetCommand({}));
  } catch (error) {
    // https://docs.aws.amazon.com/ses/latest/dg/regions.html#region-receive-email: elsewhere its operations on rules are "Unavailable Operation".
    if (nameOf(error) === 'InvalidAction')
      return none(
        "SES does not receive mail in this region, and stores another region's mail here only by a rule with an IAM role",
      );
    if (statusOf(error) !== 403) throw error;
    return {
      name,
      rules: [],
      without: { known: false, reason: `The receipt rules were not checked: ${explain(error, settings.endpointUrl)}` },
    };
  }
  const set = answer.Metadata?.Name;
  if (set === undefined) return none('no receipt rule set is active in this account and region');
  const { region, account, partition } = identity;
  const { Rules = [] } = answer;
  const rules = Rules.flatMap((rule) => storingHere(rule, names.bucket)).map((storing) => {
    const arn = `arn:${partition}:ses:${region}:${account}:receipt-rule-set/${set}:receipt-rule/${storing.rule.Name}`;
    const { IamRoleArn: roleArn } = storing.action;
    return { rule: { arn, ...(roleArn === undefined ? {} : { roleArn }) }, check: ruleCheck(storing, scope) };
  });
  return { ...none(`no rule of the active set ${set} stores mail in it in this account and region`), rules };
}

interface Storing {
  rule: ReceiptRule;
  action: S3Action;
}

function storingHere(rule: ReceiptRule, bucket: string): Storing[] {
  const actions = (rule.Actions ?? []).flatMap(({ S3Action: action }) => (action === undefined ? [] : [action]));
  return actions.filter(({ BucketName }) => BucketName === bucket).map((action) => ({ rule, action }));
}

function ruleCheck({ rule, action }: Storing, { settings, names, identity }: Scope): Check {
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
  if (!isOptIn(identity)) return ok(title);
  // https://docs.aws.amazon.com/ses/latest/dg/receiving-email-action-s3.html
  const optIn = `the bucket is in the opt-in Region ${identity.region}, where SES stores no mail`;
  if (action.IamRoleArn === undefined)
    return fail(
      title,
      optIn,
      'use a bucket in a Region that is enabled by default; AWS also describes a receipt rule with an IAM role for other Regions',
    );
  return skip(title, `${optIn}; or does it by the rule's IAM role: AWS's documentation has said both`);
}

/** A rule without recipients matches all mail; `domain` matches its addresses; `.domain` those of its subdomains. */
function takes(recipients: string[], domain: string): boolean {
  const expected = domain.toLowerCase();
  const named = recipients.map((recipient) => recipient.toLowerCase());
  return named.length === 0 || named.some((one) => one === expected || (one.startsWith('.') && expected.endsWith(one)));
}
