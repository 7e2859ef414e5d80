/**
 * Prohibitions as checks: the access analysis of each class of principals, and what it finds as findings.
 */
import { routedPrefix } from '../../../../handler/mail/address.js';
import { WALLET_TAG } from '../../../agentkeys/names.js';
import { analyse, type Judgement, type PrincipalClass, type Question } from '../../../policy/access/index.js';
import { describeStatement, type PolicyDocument } from '../../../policy/document.js';
import type { AuthorizationRequest } from '../../../policy/request.js';
import type { StackContext } from '../../../stack/scope.js';
import { type Check, type Finding, fail, judged } from '../check.js';
import type { Prohibition } from './questions.js';

/** A class of principals, ready to be asked about. */
export interface Judge {
  asked: PrincipalClass;
  ask(question: Question): Judgement[];
}

const [own, other] = [`0x${'1'.repeat(40)}`, `0x${'2'.repeat(40)}`] as const;

/** Actions that a reader knows, the worst of each kind first. */
const actions = [
  'GetObject',
  'PutObject',
  'DeleteObject',
  'ListBucket',
  'ListBucketVersions',
  'GetObjectVersion',
  'DeleteObjectVersion',
  'GetObjectAttributes',
  'GetObjectTagging',
  'GetObjectAcl',
  'GetObjectTorrent',
  'ListBucketMultipartUploads',
  'PutObjectTagging',
  'PutBucketPolicy',
  'DeleteBucketPolicy',
  'PutObjectAcl',
  'PutBucketAcl',
  'PutReplicationConfiguration',
  'PutLifecycleConfiguration',
  'PutBucketNotification',
  'PutInventoryConfiguration',
  'PutAccessPointPolicy',
  'CreateAccessPoint',
  'CreateJob',
  'RestoreObject',
  'AbortMultipartUpload',
];

const otherActions = [
  'iam:PutRolePolicy',
  'iam:AttachRolePolicy',
  'iam:UpdateAssumeRolePolicy',
  'sts:AssumeRole',
  'lambda:UpdateFunctionCode',
  'lambda:UpdateFunctionConfiguration',
  'lambda:AddPermission',
  'events:PutRule',
  'events:PutTargets',
];

function examplesFor({ names }: StackContext, { resources, identity, boundary }: PrincipalClass) {
  const documents = [...resources, ...identity, ...(boundary ? [boundary] : [])].map(({ document }) => document);
  return {
    actions: [...actions.map((name) => `s3:${name}`), ...otherActions],
    resources: [
      `${names.bucketArn}/inbound/message`,
      `${names.bucketArn}/${routedPrefix(other)}message`,
      `${names.bucketArn}/elsewhere/file`,
      names.bucketArn,
      names.dataRoleArn,
      names.functionArn,
      names.ruleArn,
    ],
    values: {
      [`aws:principaltag/${WALLET_TAG}`]: [own, other],
      'aws:principaltag/agentkeys_actor_omni': ['a'.repeat(64)],
      's3:prefix': ['', 'inbound/', routedPrefix(other)],
      'aws:securetransport': ['true'],
      'aws:sourceaccount': ['999999999999'],
      'aws:principalaccount': ['999999999999'],
      'aws:sourceip': ['203.0.113.7'],
    },
    keys: { ...keysIn(documents), [`aws:principaltag/${WALLET_TAG}`]: `aws:PrincipalTag/${WALLET_TAG}` },
  };
}

/** The condition keys of some policies as they are written, by their lower case. */
function keysIn(documents: PolicyDocument[]): Record<string, string> {
  const conditions = documents.flatMap(({ Statement }) => Statement.map(({ Condition = {} }) => Condition));
  const keys = conditions.flatMap((condition) => Object.values(condition).flatMap((tests) => Object.keys(tests)));
  return Object.fromEntries(keys.map((key) => [key.toLowerCase(), key]));
}

export function judgeOf(asked: PrincipalClass, stack: StackContext): Judge {
  return { asked, ask: analyse(asked, examplesFor(stack, asked)) };
}

/** The check that no class can do what is prohibited. */
export function prohibit({ name, questions, fix }: Prohibition, judges: Judge[], note?: string): Check {
  try {
    return judged(name, findingsOf(questions, judges), fix, note);
  } catch (error) {
    // Too complex, most likely. Whatever it is, nothing is proven.
    return fail(name, `it can't be shown: ${(error as Error).message}`, 'simplify the policies');
  }
}

/** One finding for each statement, action and resource. @throws {TooComplexError} */
export function findingsOf(questions: Question[], judges: Judge[]): Finding[] {
  const found = new Map<string, Finding>();
  for (const { asked, ask } of judges)
    for (const judgement of questions.flatMap(ask))
      for (const finding of findingsIn(judgement, asked)) {
        const { policy, statement, witness } = finding;
        const key = JSON.stringify([policy, statement, witness?.action, witness?.resource]);
        if (!found.has(key)) found.set(key, finding);
      }
  const all = [...found.values()];
  // Where a request was found, it need not be said that another could not be excluded.
  const proven = (one: Finding) =>
    all.some(({ policy, statement, witness }) => witness && policy === one.policy && statement === one.statement);
  return all.filter((one) => one.witness !== undefined || !proven(one));
}

function findingsIn({ policy, statement, number, verdict, requests }: Judgement, asked: PrincipalClass): Finding[] {
  const common = { policy, statement: statement.Sid ?? String(number) };
  if (verdict === 'inside') return [];
  if (verdict === 'not shown')
    return [{ ...common, reason: `can't be shown to be safe: ${describeStatement(statement)}` }];
  return requests.map((request) => ({
    ...common,
    reason: describeStatement(statement),
    witness: {
      principal: request.principal.arn,
      action: request.action,
      resource: request.resource,
      context: relevant(request, asked),
    },
  }));
}

/** The condition keys that the policies mention, and those of the request itself. */
function relevant({ context }: AuthorizationRequest, asked: PrincipalClass): Record<string, string | string[]> {
  const text = JSON.stringify([asked.resources, asked.identity, asked.boundary]).toLowerCase();
  const entries = Object.entries(context).filter(
    ([key, value]) => value.length > 0 && (key === 's3:prefix' || text.includes(key.toLowerCase())),
  );
  return Object.fromEntries(entries.filter(([key]) => key.toLowerCase() !== 'aws:principalarn'));
}
