/**
 * Whether the bucket policy lets an agent read the mail routed to its wallet, and no other. This tool does not change the policy: the plan
 * shows the statements to add.
 */
import { GetBucketPolicyCommand } from '@aws-sdk/client-s3';
import { INBOUND_PREFIX, routedPrefix, WALLETS_PREFIX } from '../../../../handler/mail/address.js';
import { CREDENTIALS_FOLDER, WALLET_TAG } from '../../../agentkeys/names.js';
import { ifExists, statusOf } from '../../../aws/errors.js';
import { listOf, parsePolicy, principalsOf, type Statement } from '../../../policy/document.js';
import { evaluate } from '../../../policy/evaluate.js';
import type { Principal } from '../../../policy/request.js';
import { attention, difference, type Entry } from '../../../reconcile/plan.js';
import type { ReadScope, StackContext } from '../../scope.js';

/** The condition key of the session tag in the broker's tokens; the bucket policy compares it with an object's folder. */
export const walletTag = `aws:PrincipalTag/${WALLET_TAG}`;

/** The note when an agent can't read its own mail, or can read more. */
const bucketPolicyAdvice =
  'by its policy no agent can read its own mail and nothing but that; it takes these statements for the role they assume, none that allows it more, and none that denies it this:';

/** The bucket policy's text; absent if the bucket has none. */
export interface BucketPolicyState {
  policy?: string;
  /** Whether AWS denied reading it. This affects notes only. */
  policyDenied?: true;
}

export async function readBucketPolicy({ aws, names, identity }: ReadScope): Promise<BucketPolicyState> {
  const input = { Bucket: names.bucket, ExpectedBucketOwner: identity.account };
  try {
    const { Policy } = (await ifExists(aws.s3.send(new GetBucketPolicyCommand(input)))) ?? {};
    return Policy === undefined ? {} : { policy: Policy };
  } catch (error) {
    if (statusOf(error) === 403) return { policyDenied: true };
    throw error;
  }
}

/** What the operator should know about the policy. Pure. */
export function bucketPolicyEntries({ policy, policyDenied }: BucketPolicyState, stack: StackContext): Entry[] {
  const note = (text: string, statements: Statement[] = []) =>
    attention(
      'mail bucket',
      stack.names.bucket,
      text,
      statements.map((statement) => difference('statement', undefined, JSON.stringify(statement))),
    );
  if (policyDenied)
    return [note('unknown whether its policy lets agents read their own mail: AWS denied s3:GetBucketPolicy')];
  try {
    const statements =
      policy === undefined ? [] : parsePolicy(policy).Statement.flatMap((one) => withKnownConditions(one));
    const denied = deniedToFunction(statements, stack).map((text) => note(text));
    const missing = neededStatements(stack).filter((needed) => !grantsOwn(needed, statements, stack));
    return [...denied, ...(missing.length === 0 ? [] : [note(bucketPolicyAdvice, missing)])];
  } catch (error) {
    return [note(`unknown whether its policy lets agents read their own mail: ${(error as Error).message}`)];
  }
}

/** What the policy certainly denies the function, whatever its role allows. */
function deniedToFunction(statements: Statement[], { names, identity, settings }: StackContext): string[] {
  const { account, partition } = identity;
  const principal = {
    arn: `arn:${partition}:sts::${account}:assumed-role/${names.roleName}/${names.functionName}`,
    roleArn: names.roleArn,
    account,
  };
  const inbound = `${INBOUND_PREFIX}message`;
  const needed: Array<[action: string, key: string]> = [
    ['s3:ListBucket', ''],
    ['s3:GetObject', inbound],
    ['s3:PutObject', `${routedPrefix(`0x${'1'.repeat(40)}`)}message`],
    ...(settings.deleteSource ? [['s3:DeleteObject', inbound] as [string, string]] : []),
  ];
  const resource = { name: 'bucket policy', document: { Version: '2012-10-17', Statement: statements } };
  return needed.flatMap(([action, key]) => {
    const request = {
      principal,
      action,
      resource: key === '' ? names.bucketArn : `${names.bucketArn}/${key}`,
      resourceAccount: account,
      context: { 'aws:SecureTransport': 'true', ...(key === '' && { 's3:prefix': inbound }) },
    };
    const { reason, statement } = evaluate(request, { identity: [], resource });
    if (reason !== 'explicit deny') return [];
    const sid = statement?.Sid === undefined ? '' : ` (statement ${statement.Sid})`;
    return [
      `its policy denies the function ${action} on ${key || 'the bucket'}${sid}: exempt ${names.roleArn} from it`,
    ];
  });
}

/** What an agent's session needs: to read and list its wallet's folder, and with a vault to store and delete its own secrets. */
function neededStatements({ names, settings }: StackContext): Statement[] {
  const own = `${WALLETS_PREFIX}\${${walletTag}}`;
  const Principal = { AWS: names.dataRoleArn };
  return [
    {
      Sid: 'AgentReadsOwnWallet',
      Effect: 'Allow',
      Principal,
      Action: 's3:GetObject',
      Resource: `${names.bucketArn}/${own}/*`,
    },
    {
      Sid: 'AgentListsOwnWallet',
      Effect: 'Allow',
      Principal,
      Action: 's3:ListBucket',
      Resource: names.bucketArn,
      Condition: { StringLike: { 's3:prefix': `${own}/*` } },
    },
    ...(settings.vault ? vaultStatements(names.bucketArn, Principal, `${own}/${CREDENTIALS_FOLDER}*`) : []),
  ];
}

function vaultStatements(bucketArn: string, Principal: { AWS: string }, own: string): Statement[] {
  return [
    {
      Sid: 'AgentUsesOwnCredentials',
      Effect: 'Allow',
      Principal,
      Action: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'],
      Resource: `${bucketArn}/${own}`,
    },
    {
      Sid: 'AgentListsOwnCredentials',
      Effect: 'Allow',
      Principal,
      Action: 's3:ListBucket',
      Resource: bucketArn,
      Condition: { StringLike: { 's3:prefix': own } },
    },
  ];
}

/** Whether some role can, with a wallet's tag, do what the needed statement is for in that wallet's folder, and not in another's. */
function grantsOwn(needed: Statement, statements: Statement[], stack: StackContext): boolean {
  const [mine, another] = [`0x${'1'.repeat(40)}`, `0x${'2'.repeat(40)}`] as const;
  const policy = { name: 'bucket policy', document: { Version: '2012-10-17', Statement: statements } };
  const folder = JSON.stringify(needed).includes(`/${CREDENTIALS_FOLDER}`) ? CREDENTIALS_FOLDER : INBOUND_PREFIX;
  const allowed = (principal: Principal, wallet: string, action: string) => {
    const prefix = `${WALLETS_PREFIX}${wallet}/${folder}`;
    const object = `${stack.names.bucketArn}/${prefix}name`;
    const request = {
      principal,
      action,
      resource: needed.Resource === stack.names.bucketArn ? stack.names.bucketArn : object,
      resourceAccount: stack.identity.account,
      context: { [walletTag]: mine, 'aws:SecureTransport': 'true', 's3:prefix': prefix },
    };
    return evaluate(request, { identity: [], resource: policy }).allowed;
  };
  const actions = listOf(needed.Action);
  return candidates(statements, needed, stack).some(
    (role) =>
      actions.every((action) => allowed(role, mine, action)) &&
      !actions.some((action) => allowed(role, another, action)),
  );
}

/** Sessions of the roles that may be the agents': the one that was named, or else AgentKeys' own and every other that the policy names. */
function candidates(statements: Statement[], needed: Statement, { settings }: StackContext): Principal[] {
  const naming = settings.dataRole === undefined ? [needed, ...statements] : [needed];
  const named = naming.flatMap(({ Principal }) => listOf(principalsOf(Principal).AWS));
  return named.flatMap((arn) => {
    const [, partition, account, name] = /^arn:([\w-]+):iam::(\d{12}):role\/(?:.*\/)?([^/]+)$/.exec(arn) ?? [];
    if (account === undefined) return [];
    return [{ arn: `arn:${partition}:sts::${account}:assumed-role/${name}/agent`, roleArn: arn, account }];
  });
}

/** The condition keys whose values in an agent's request are known; not, for example, its network. */
const knownKeys =
  /^(aws:PrincipalTag\/agentkeys_user_wallet|aws:Principal(Arn|Account)|aws:SecureTransport|s3:prefix)$/i;

/**
 * A statement without the conditions that can't be evaluated: an Allow is assumed to apply, a Deny is omitted.
 *
 * @param alsoKnown further keys whose values, or absence, are known.
 */
export function withKnownConditions(statement: Statement, alsoKnown = /(?!)/): Statement[] {
  const conditions = Object.entries(statement.Condition ?? {});
  const isUnknown = (key: string) => !knownKeys.test(key) && !alsoKnown.test(key);
  if (statement.Effect === 'Deny')
    return conditions.some(([, tests]) => Object.keys(tests).some(isUnknown)) ? [] : [statement];
  const judged = conditions.map(([operator, tests]) => [
    operator,
    Object.fromEntries(Object.entries(tests).filter(([key]) => !isUnknown(key))),
  ]);
  return [{ ...statement, Condition: Object.fromEntries(judged) }];
}
