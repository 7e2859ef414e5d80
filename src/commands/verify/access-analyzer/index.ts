/**
 * AWS's own judgement of the policies, by automated reasoning: a second judge beside this tool's evaluator. Where both find too much,
 * the FAIL is the other check's. Only a disagreement that nothing explains is a FAIL here.
 */

import { GetRoleCommand } from '@aws-sdk/client-iam';
import { explain, ifExists } from '../../../aws/errors.js';
import { accountInArn, nameInArn } from '../../../policy/arns.js';
import { listOf, type PolicyDocument, parsePolicy, policyIfReadable, principalsOf } from '../../../policy/document.js';
import type { Observed } from '../../../stack/index.js';
import type { Scope } from '../../../stack/scope.js';
import { type Check, fail, group, ok, skip } from '../check.js';
import { type Answer, askAccessAnalyzer } from './ask.js';
import { explainBrokerGrant, explainBucketGrant } from './explain.js';
import { asFinding, describeOrigin, mergePolicies, type Origin } from './merge.js';
import { permittedOnBucket, permittedToBroker, permittedTrust } from './permitted.js';

const title = "AWS Access Analyzer's judgement";

/** One question to AWS. */
interface Question {
  name: string;
  ask(): Promise<Answer>;
  /** Whether a failed isolation check, in a group of this name, is about the same policy. */
  concerns(group: string, reason: string): boolean;
  /** What explains that AWS finds too much and this tool does not. */
  explanation(beyond: Origin[]): Promise<string | undefined>;
}

/**
 * @param isolation the same policies, judged by this tool.
 * @throws what `isolation` throws.
 */
export async function accessAnalyzerChecks(
  observed: Observed,
  isolation: Promise<Check>,
  scope: Scope,
): Promise<Check> {
  if (!scope.settings.accessAnalyzer) return skip(title, 'turned off by --no-access-analyzer');
  const check = async ({ name, ask, concerns, explanation }: Question): Promise<Check> => {
    const [answer, own] = await Promise.all([ask(), isolation]);
    if ('unknown' in answer) return skip(name, answer.unknown);
    if (answer.result === 'PASS') return ok(name, answer.note);
    const { beyond, words } = answer;
    const found = [...beyond.map(describeOrigin), ...(beyond.length === 0 ? words : [])].join('; ');
    const failed = failures(own).filter(({ group, check }) => concerns(group, String(check.reason)));
    if (failed.length > 0)
      return skip(name, `AWS finds it too, see "${failed[0]?.group}" above. More than is permitted: ${found}`);
    const explained = await explanation(beyond);
    if (explained !== undefined)
      return skip(name, `AWS finds more than is permitted, but ${explained}. More by itself: ${found}`);
    return {
      ...fail(
        name,
        `AWS finds more than is permitted: ${found}`,
        'remove what the statement grants beyond what is needed; if it grants nothing more, please report it',
      ),
      ...(beyond.length > 0 && { findings: beyond.map(asFinding) }),
    };
  };
  return group(title, await Promise.all(questionsAbout(observed, scope).map(check)));
}

function questionsAbout(observed: Observed, scope: Scope): Question[] {
  // One that can't be parsed is reported by the isolation checks.
  const bucketPolicy = policyIfReadable(observed.bucket.policy);
  const { role } = observed.broker;
  return [
    {
      name: 'the bucket policy',
      ask: () => askAboutBucket(observed, bucketPolicy, scope),
      concerns: (group, reason) => group === 'nothing is public' || reason.includes('the bucket policy'),
      explanation: (beyond) => explainBucketGrant(beyond, scope),
    },
    {
      name: "the data role's trust",
      ask: () => askAboutTrust(scope),
      concerns: (group) => group === "the data role's trust",
      // A trust policy has no other beside it.
      explanation: async () => undefined,
    },
    {
      name: "the broker's policies",
      ask: () => askAboutBroker(observed, scope),
      concerns: (group) => group === 'the broker',
      explanation: async () => role && explainBrokerGrant(role, bucketPolicy, scope),
    },
  ];
}

/** The failed checks, each with the group that it is in. */
function failures(check: Check, group = check.name): Array<{ group: string; check: Check }> {
  if (check.checks === undefined) return check.outcome === 'FAIL' ? [{ group, check }] : [];
  return check.checks.flatMap((inner) =>
    failures(inner, inner.checks === undefined && check.checks ? check.name : inner.name),
  );
}

async function askAboutBucket(
  { bucket, broker }: Observed,
  document: PolicyDocument | undefined,
  scope: Scope,
): Promise<Answer> {
  if (bucket.policyDenied) return { unknown: 'unknown: AWS denied s3:GetBucketPolicy on the bucket' };
  if (bucket.policy === undefined) return { result: 'PASS', note: 'the bucket has no policy' };
  if (document === undefined) return { unknown: "the bucket policy can't be parsed" };
  const merged = mergePolicies([{ name: 'the bucket policy', document }]);
  return askAccessAnalyzer('RESOURCE_POLICY', merged, permittedOnBucket(scope, broker.role?.arn), scope);
}

async function askAboutTrust(scope: Scope): Promise<Answer> {
  const { aws, names, identity, settings } = scope;
  const { dataRoleArn } = names;
  const RoleName = nameInArn(dataRoleArn);
  if (accountInArn(dataRoleArn) !== identity.account) return { unknown: `${dataRoleArn} belongs to another account` };
  try {
    const { Role } = (await ifExists(aws.iam.send(new GetRoleCommand({ RoleName })))) ?? {};
    if (Role?.AssumeRolePolicyDocument === undefined) return { unknown: `the role ${RoleName} does not exist` };
    const document = parsePolicy(Role.AssumeRolePolicyDocument);
    const merged = mergePolicies([{ name: `the trust policy of ${RoleName}`, document }]);
    return askAccessAnalyzer(
      'RESOURCE_POLICY',
      merged,
      permittedTrust(settings.oidcProvider ?? providerIn(document)),
      scope,
    );
  } catch (error) {
    return { unknown: explain(error, settings.endpointUrl) };
  }
}

/** The identity provider, if there is exactly one. */
function providerIn({ Statement }: PolicyDocument): string | undefined {
  const federated = Statement.flatMap(({ Principal }) => listOf(principalsOf(Principal).Federated));
  const providers = new Set(federated.filter((value) => value.includes(':oidc-provider/')));
  return providers.size === 1 ? [...providers][0] : undefined;
}

async function askAboutBroker({ broker }: Observed, scope: Scope): Promise<Answer> {
  if (broker.role === undefined) return { unknown: broker.why };
  const unreadable = broker.role.unreadable?.map(({ why }) => why) ?? [];
  if (unreadable.length > 0) return { unknown: `unknown: ${unreadable.join('; ')}` };
  if (broker.role.policies.length === 0) return { result: 'PASS', note: 'it has none' };
  return askAccessAnalyzer('IDENTITY_POLICY', mergePolicies(broker.role.policies), permittedToBroker(scope), scope);
}
