/**
 * The vault bucket of the layout `omni`: an agent's session reaches its own actor's secrets, and nobody else reaches any.
 */
import { GetBucketPolicyCommand } from '@aws-sdk/client-s3';
import { WALLETS_PREFIX } from '../../../../handler/mail/address.js';
import { CREDENTIALS_FOLDER, OMNI_TAG, vaultBucketName } from '../../../agentkeys/names.js';
import { explain, ifExists } from '../../../aws/errors.js';
import { accountInArn, nameInArn } from '../../../policy/arns.js';
import { type PolicyDocument, parsePolicy } from '../../../policy/document.js';
import { readRole } from '../../../stack/broker/read.js';
import { sessionArn, sessionsOf } from '../../../stack/broker/sessions.js';
import type { BrokerRole } from '../../../stack/broker/state.js';
import type { Scope, StackContext } from '../../../stack/scope.js';
import { type Check, fail, group, orSkipped, skip } from '../check.js';
import { agentCases, resourcePolicies } from './classes.js';
import { outsiders, withoutCanonicalUsers } from './everybody.js';
import type { Expectation } from './expectations.js';
import type { Guarded } from './harm.js';
import { judge } from './judge.js';
import { judgeOf, prohibit } from './prohibit.js';
import { secretsOfOthers, strangerQuestions } from './questions.js';

const name = 'the vault bucket';

/** The other roles, which must not reach it. */
export interface OtherRoles {
  broker?: BrokerRole | undefined;
  function?: BrokerRole | undefined;
}

/** @returns nothing unless the stack has a vault. @throws the SDK's errors, except a denial. */
export async function vaultChecks(others: OtherRoles, guarded: Guarded, scope: Scope): Promise<Check[]> {
  const { vault, vaultBucket, vaultRole, stack } = scope.settings;
  if (!vault) return [];
  if (vaultRole === undefined)
    return [skip(name, 'it is checked where --vault-role (VAULT_ROLE_ARN) and --vault-bucket (VAULT_BUCKET) name it')];
  const bucket = vaultBucket ?? vaultBucketName(scope.identity.account, stack);
  return orSkipped(name, scope.settings, async () => [await checksOf(bucket, vaultRole, others, guarded, scope)]);
}

async function checksOf(
  bucket: string,
  roleArn: string,
  others: OtherRoles,
  guarded: Guarded,
  scope: Scope,
): Promise<Check> {
  const { identity, names, aws } = scope;
  const bucketArn = `arn:${identity.partition}:s3:::${bucket}`;
  const stack = { ...scope, names: { ...names, bucket, bucketArn, dataRoleArn: roleArn } };
  const input = { Bucket: bucket, ExpectedBucketOwner: identity.account };
  const [policy, role] = await Promise.all([
    ifExists(aws.s3.send(new GetBucketPolicyCommand(input))),
    accountInArn(roleArn) === identity.account ? readRole(nameInArn(roleArn), scope) : undefined,
  ]);
  if (role === undefined)
    return fail(name, `the role ${roleArn} does not exist in this account`, 'check --vault-role (VAULT_ROLE_ARN)');
  let document: PolicyDocument;
  try {
    document = parsePolicy(policy?.Policy ?? '{"Version":"2012-10-17","Statement":[]}');
  } catch (error) {
    return fail(name, `its policy can't be parsed: ${explain(error)}`, 'fix the policy of the vault bucket');
  }
  return group(name, isolationIn(stack, document, role, others, guarded));
}

function isolationIn(
  stack: StackContext,
  document: PolicyDocument,
  role: BrokerRole,
  others: OtherRoles,
  guarded: Guarded,
): Check[] {
  const otherRoles = [others.broker, others.function].filter((one) => one !== undefined);
  const resources = resourcePolicies(stack, document, [role, ...otherRoles]);
  const fix =
    'remove what allows it from the policy of the vault bucket or from the role: docs/vault.md has the statements';
  const documents = [...resources, ...role.policies].map((one) => one.document);
  const sessions = agentCases(documents).map(({ facts }) => judgeOf(sessionsOf(role, resources, stack, facts), stack));
  const roles = [...new Set([...guarded.roles, role.arn])];
  const questions = strangerQuestions(stack, { ...guarded, roles });
  const insiders = { roles, trusted: stack.settings.trustedPrincipals };
  const strangers = outsiders(withoutCanonicalUsers(document), resources, insiders, stack);
  const subject = {
    principal: { arn: sessionArn(role.arn, 'session'), roleArn: role.arn, account: stack.identity.account },
    policies: { identity: role.policies, ...(role.boundary && { boundary: role.boundary }) },
    unknown: 'met' as const,
  };
  return [
    ...judge([ownSecrets(stack)], subject, { bucketPolicy: document, account: stack.identity.account }),
    prohibit(
      {
        name: "an agent reaches no other actor's secrets, and without the tag none",
        questions: secretsOfOthers(stack),
        fix,
      },
      sessions,
    ),
    ...otherRoles.map((one) =>
      prohibit({ name: `the role ${one.name} does not reach it`, questions, fix: `${fix}; or deny it there` }, [
        judgeOf(sessionsOf(one, resources, stack), stack),
      ]),
    ),
    prohibit(
      { name: 'nobody else reaches it', questions, fix },
      strangers.map((one) => judgeOf(one, stack)),
    ),
  ];
}

/** What an agent's session must be able to do. */
function ownSecrets({ names }: StackContext): Expectation {
  const own = 'a'.repeat(64);
  const folder = `${WALLETS_PREFIX}${own}/${CREDENTIALS_FOLDER}`;
  const mine = { [`aws:PrincipalTag/${OMNI_TAG}`]: own };
  return {
    name: "an agent lists, reads, stores and deletes its own actor's secrets",
    requests: [
      { action: 's3:ListBucket', resource: names.bucketArn, context: { ...mine, 's3:prefix': folder } },
      ...['GetObject', 'PutObject', 'DeleteObject'].map((action) => ({
        action: `s3:${action}`,
        resource: `${names.bucketArn}/${folder}name`,
        context: mine,
      })),
    ],
    fix: 'add the statements of docs/vault.md to the policy of the vault bucket',
  };
}
