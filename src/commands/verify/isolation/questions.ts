/**
 * What each principal must not be able to do, check by check, as questions to the access analysis.
 */
import { INBOUND_PREFIX, WALLETS_PREFIX } from '../../../../handler/mail/address.js';
import { CREDENTIALS_FOLDER, OMNI_TAG, WALLET_TAG } from '../../../agentkeys/names.js';
import { ownCommand } from '../../../aws/own-command.js';
import type { Question } from '../../../policy/access/index.js';
import type { Statement } from '../../../policy/document.js';
import type { BucketState } from '../../../stack/resources/bucket/bucket.js';
import { executionPolicy } from '../../../stack/resources/execution-role.js';
import type { StackContext } from '../../../stack/scope.js';
import {
  anyAction,
  byAccessPoint,
  changingLimits,
  changingObjects,
  type Guarded,
  listedAt,
  listing,
  listingInbound,
  listingWallets,
  readingObjects,
  statement,
} from './harm.js';

/** Objects with these keys: in the bucket and by access points. */
function objectsAt(stack: StackContext, keys: string): string[] {
  return [`${stack.names.bucketArn}/${keys}`, byAccessPoint(stack, keys)];
}

/** A check that must not find anything. */
export interface Prohibition {
  name: string;
  questions: Question[];
  /** How to fix a violation. */
  fix: string;
}

const redeploy = ownCommand('deploy');
const all = '*';
const inbound = `${INBOUND_PREFIX}*`;
const wallets = `${WALLETS_PREFIX}*`;
const routed = `${WALLETS_PREFIX}*/${INBOUND_PREFIX}*`;

const limitsName = 'changes none of its own limits';

/** Each question, with what is permitted besides. */
function permitting(permitted: Statement[], questions: Question[]): Question[] {
  return questions.map((question) => ({ ...question, permitted: [...question.permitted, ...permitted] }));
}

export function brokerProhibitions(stack: StackContext, guarded: Guarded): Prohibition[] {
  const narrow = `${redeploy} --remove-broad-grants; change what that leaves by hand: the plan names the statement`;
  const content = statement(['s3:GetObject*'], [`${stack.names.bucketArn}/${routed}`]);
  const secrets = statement(['s3:GetObject*'], [`${stack.names.bucketArn}/${WALLETS_PREFIX}*/${CREDENTIALS_FOLDER}*`]);
  const vault = { name: "does not read the agents' secrets", questions: [{ harm: [secrets], permitted: [] }] };
  const { vault: hasVault } = stack.settings;
  const readsInbound = [
    statement(anyAction, objectsAt(stack, inbound)),
    statement(['s3:List*'], listedAt(stack), { StringLike: { 's3:prefix': inbound } }),
  ];
  return [
    { name: 'does not read routed mail', questions: [{ harm: [content], permitted: [] }], fix: redeploy },
    ...(hasVault ? [{ ...vault, fix: redeploy }] : []),
    {
      name: 'reads nothing else in the bucket',
      questions: permitting(
        [content, ...(hasVault ? [secrets] : []), ...readsInbound],
        [...readingObjects(stack, all), ...listing(stack, [undefined, '*'])],
      ),
      fix: narrow,
    },
    {
      name: 'writes, plants and deletes nothing in the bucket',
      questions: changingObjects(stack, all),
      fix: narrow,
    },
    { name: limitsName, questions: changingLimits(stack, guarded, [all]), fix: narrow },
  ];
}

/** An agent's own folders, by its tags: the whole of them is its own business. */
function ownFolders(stack: StackContext): Statement[] {
  return [WALLET_TAG, OMNI_TAG].flatMap((tag) => {
    const own = `${WALLETS_PREFIX}\${aws:PrincipalTag/${tag}}`;
    // A wallet is never the beginning of another; an empty tag is the beginning of each.
    const begun = { StringLike: { 's3:prefix': `${own}*` }, StringNotEquals: { [`aws:PrincipalTag/${tag}`]: '' } };
    return [
      statement(['*'], objectsAt(stack, `${own}/*`)),
      statement(['s3:List*'], listedAt(stack), { StringLike: { 's3:prefix': `${own}/*` } }),
      statement(['s3:List*'], listedAt(stack), begun),
    ];
  });
}

/** What a session may not do; and what it may not do without a wallet. */
export function agentProhibitions(
  stack: StackContext,
  guarded: Guarded,
): Array<Prohibition & { of: 'tagged' | 'untagged' | 'all' }> {
  const fix = `remove what allows it from the bucket policy or from the role; \`${ownCommand('deploy --dry-run')}\` prints the statements that an agent needs`;
  const others = permitting(ownFolders(stack), [...readingObjects(stack, wallets), ...listingWallets(stack)]);
  return [
    { name: "does not read another wallet's mail", of: 'tagged', questions: others, fix },
    {
      name: 'does not read inbound/',
      of: 'all',
      questions: [...readingObjects(stack, inbound), ...listingInbound(stack)],
      fix,
    },
    {
      name: "writes nothing to inbound/ or to another wallet's mail",
      of: 'all',
      questions: permitting(ownFolders(stack), changingObjects(stack, inbound, wallets)),
      fix,
    },
    { name: 'reads nothing without a wallet', of: 'untagged', questions: others, fix },
    {
      name: limitsName,
      of: 'all',
      questions: permitting(ownFolders(stack), changingLimits(stack, guarded, [inbound, wallets])),
      fix,
    },
  ];
}

/** What an agent's session must not do with the secrets in a bucket that has nothing else. */
export function secretsOfOthers(stack: StackContext): Question[] {
  return permitting(ownFolders(stack), [
    ...readingObjects(stack, wallets),
    ...changingObjects(stack, wallets),
    ...listingWallets(stack),
  ]);
}

export const beyondNeedsName = 'nothing beyond what it needs';

export function functionProhibition(
  stack: StackContext,
  guarded: Guarded,
  bucket: Pick<BucketState, 'kmsKey'>,
): Prohibition {
  return {
    name: beyondNeedsName,
    questions: permitting(executionPolicy(stack, bucket, true).Statement, [
      ...readingObjects(stack, all),
      ...changingObjects(stack, all),
      ...listing(stack, [undefined, '*']),
      ...changingLimits(stack, guarded, [all]),
    ]),
    fix: `remove the statement from the role's policies; \`${redeploy}\` restores the policy that this tool manages`,
  };
}

/** Grants of the function's role besides what it needs. */
export function otherGrants(stack: StackContext, bucket: Pick<BucketState, 'kmsKey'>): Question {
  return { harm: [statement(['*'], ['*'])], permitted: executionPolicy(stack, bucket, true).Statement };
}

/** What is nobody else's business: the mail, whose mail there is, and the limits. */
export function strangerQuestions(stack: StackContext, guarded: Guarded): Question[] {
  return [
    ...readingObjects(stack, inbound, wallets),
    ...changingObjects(stack, inbound, wallets),
    ...listingWallets(stack),
    ...listingInbound(stack),
    ...changingLimits(stack, guarded, [inbound, wallets]),
  ];
}
