/**
 * Whether a rule set of SES Mail Manager stores mail in this bucket, under `inbound/`.
 * https://docs.aws.amazon.com/ses/latest/dg/eb-rules.html
 */
import {
  GetRuleSetCommand,
  type GetRuleSetResponse,
  MailManagerClient,
  paginateListRuleSets,
  type S3Action,
} from '@aws-sdk/client-mailmanager';
import { INBOUND_PREFIX } from '../../../handler/mail/address.js';
import { explain } from '../../aws/errors.js';
import type { Scope } from '../../stack/scope.js';
import { type Check, fail, ok, skip } from './check.js';
import type { Way } from './storing-rule.js';

/**
 * Mail Manager is optional, and not in every region: whatever keeps it from being read is a reason to skip it.
 *
 * @throws only when the run is interrupted.
 */
export async function readMailManager(scope: Scope): Promise<Way> {
  const { aws, names, settings, signal } = scope;
  const name = 'Mail Manager';
  try {
    const client = aws.client(MailManagerClient);
    const rules: Way['rules'] = [];
    for await (const { RuleSets = [] } of paginateListRuleSets({ client }, {})) {
      for (const { RuleSetId } of RuleSets)
        rules.push(...storingHere(await client.send(new GetRuleSetCommand({ RuleSetId })), names.bucket));
    }
    return { name, rules, without: { known: true, reason: 'no rule set of Mail Manager stores mail in it' } };
  } catch (error) {
    signal.throwIfAborted();
    return {
      name,
      rules: [],
      without: { known: false, reason: `Mail Manager was not checked: ${explain(error, settings.endpointUrl)}` },
    };
  }
}

function storingHere(set: GetRuleSetResponse, bucket: string): Way['rules'] {
  return (set.Rules ?? []).flatMap((rule, index) =>
    (rule.Actions ?? []).flatMap(({ WriteToS3: action }) => {
      if (action?.S3Bucket !== bucket) return [];
      const check = ruleCheck(`Mail Manager rule set ${set.RuleSetName}, rule ${rule.Name ?? index + 1}`, action);
      return [{ rule: { arn: `${set.RuleSetArn}`, roleArn: `${action.RoleArn}` }, check }];
    }),
  );
}

function ruleCheck(title: string, { S3Prefix = '', S3SseKmsKeyId }: S3Action): Check {
  if (S3Prefix === INBOUND_PREFIX.slice(0, -1))
    return skip(
      title,
      `its prefix is ${S3Prefix}; AWS does not document whether a slash follows, and only mail under ${INBOUND_PREFIX} is routed`,
    );
  if (!S3Prefix.startsWith(INBOUND_PREFIX))
    return fail(
      title,
      `it stores mail under ${S3Prefix === '' ? 'no prefix' : S3Prefix}, but only mail under ${INBOUND_PREFIX} is routed`,
      `change the rule (SES, Mail Manager, Rule sets): S3 prefix ${INBOUND_PREFIX}`,
    );
  if (S3SseKmsKeyId !== undefined)
    return skip(
      title,
      `it stores mail under the key ${S3SseKmsKeyId}; the function can read it only if that is the bucket's default key`,
    );
  return ok(title, "not checked: the rule's conditions, and whether an ingress endpoint uses the rule set");
}
