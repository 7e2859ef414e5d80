/**
 * The inline policy that this tool manages on the broker's role: a deny on routed mail and, for magic-link login, read access to `inbound/`.
 */
import { INBOUND_PREFIX, WALLETS_PREFIX } from '../../../handler/mail/address.js';
import { CREDENTIALS_FOLDER } from '../../agentkeys/names.js';
import type { Write } from '../../aws/writes.js';
import {
  canonical,
  describeStatement,
  diffStatements,
  type PolicyDocument,
  policyText,
  type Statement,
  sameStatements,
} from '../../policy/document.js';
import { attention, type Entry, unchanged } from '../../reconcile/plan.js';
import { statementDifferences } from '../policy-diff.js';
import type { Scope, StackContext } from '../scope.js';
import { missingTags, tagDifferences, tagList } from '../tags.js';
import { fitTags, inlineOverflow, inlineTexts, withInline } from './iam-quotas.js';
import { type InboundAccess, inboundAccess, readsInboundTagOf, withoutSetting } from './inbound-access.js';
import { isBrokerPolicy } from './own-policies.js';
import { listings } from './s3-actions.js';
import type { BrokerRole, SeenBucket } from './state.js';

/** The parts of the policy that not every broker has. */
export interface BrokerAccess {
  /** Whether it allows listing and reading `inbound/`. */
  readsInbound: boolean;
  /** Whether listing anything else in the bucket is denied, whatever other policies allow. */
  listsOnlyInbound: boolean;
  /** Whether agents keep secrets in the bucket, which the broker never touches either. */
  deniesCredentials: boolean;
}

type Names = Pick<StackContext, 'names'>;

/** Never reads, lists, writes or deletes routed mail or secrets, whatever else the role is granted. */
export function brokerPolicy(
  { names }: Names,
  { readsInbound, listsOnlyInbound, deniesCredentials }: BrokerAccess,
): PolicyDocument {
  const denied = [INBOUND_PREFIX, ...(deniesCredentials ? [CREDENTIALS_FOLDER] : [])];
  const folders = denied.map((folder) => `${WALLETS_PREFIX}*/${folder}`);
  return {
    Version: '2012-10-17',
    Statement: [
      ...(readsInbound ? inboundStatements(names.bucketArn) : []),
      {
        Sid: 'NeverTouchRouted',
        Effect: 'Deny',
        Action: 's3:*',
        Resource: folders.map((folder) => `${names.bucketArn}/${folder}*`),
      },
      {
        Sid: 'NeverListRouted',
        Effect: 'Deny',
        Action: ['s3:ListBucket', 's3:ListBucketVersions'],
        Resource: names.bucketArn,
        // A listing by the folder's name without its slash shows the folder.
        Condition: { StringLike: { 's3:prefix': folders.flatMap((folder) => [folder.slice(0, -1), `${folder}*`]) } },
      },
      ...(listsOnlyInbound ? [listOnlyInbound(names.bucketArn)] : []),
    ],
  };
}

function inboundStatements(bucketArn: string): Statement[] {
  return [
    {
      Sid: 'ListInbound',
      Effect: 'Allow',
      Action: 's3:ListBucket',
      Resource: bucketArn,
      Condition: { StringLike: { 's3:prefix': `${INBOUND_PREFIX}*` } },
    },
    { Sid: 'ReadInbound', Effect: 'Allow', Action: 's3:GetObject', Resource: `${bucketArn}/${INBOUND_PREFIX}*` },
  ];
}

/** A listing without a prefix meets the condition too, and so does one of uploads, whose requests have no such key. */
function listOnlyInbound(bucketArn: string): Statement {
  return {
    Sid: 'ListOnlyInbound',
    Effect: 'Deny',
    Action: listings,
    Resource: bucketArn,
    Condition: { StringNotLike: { 's3:prefix': `${INBOUND_PREFIX}*` } },
  };
}

/** The Deny of the versions before, which denied reading only: the present one includes it. */
function deniedBefore(bucketArn: string): Statement {
  const Resource = `${bucketArn}/${WALLETS_PREFIX}*/${INBOUND_PREFIX}*`;
  return { Effect: 'Deny', Action: 's3:GetObject*', Resource };
}

/**
 * The policy that the role is to have. Once listing is limited to `inbound/`, it stays so until `teardown --broker`. While it is not decided
 * whether the broker reads `inbound/`, the longer policy.
 */
export function desiredBrokerPolicy(role: BrokerRole, bucket: SeenBucket, scope: Scope): PolicyDocument {
  const limit = canonical(listOnlyInbound(scope.names.bucketArn));
  const limited = role.policies.find(isBrokerPolicy)?.document.Statement.some((one) => canonical(one) === limit);
  return brokerPolicy(scope, {
    readsInbound: inboundAccess(role, bucket, scope).reads !== false,
    listsOnlyInbound: scope.settings.removeBroadGrants || limited === true,
    deniesCredentials: scope.settings.vault,
  });
}

const kind = 'broker policy';

export function brokerPolicyEntries(role: BrokerRole, bucket: SeenBucket, scope: Scope): Entry[] {
  const { brokerPolicyName } = scope.names;
  const access = inboundAccess(role, bucket, scope);
  if (access.reads === undefined) return [undecided(role, access.why)];
  const name = `${role.name}/${brokerPolicyName}`;
  const want = desiredBrokerPolicy(role, bucket, scope);
  const have = role.policies.find(isBrokerPolicy)?.document;
  const inSync = have !== undefined && sameStatements(have, want);
  const tags = recordOf(role, access.reads, scope);
  if (inSync && Object.keys(tags).length === 0) return [unchanged(kind, name, withoutAccess(access))];
  const differences = [...statementDifferences('statement', have, want), ...tagDifferences(role.tags, tags)];
  const overflow = inlineOverflow(withInline(inlineTexts(role), brokerPolicyName, want)) ?? tagOverflow(role, tags);
  if (overflow !== undefined)
    return [attention(kind, name, `does not fit: ${overflow}; make room, then run this again`, differences)];
  const losses = lossesOf(role, have, want, scope);
  const put: Write = {
    call: 'iam:PutRolePolicy',
    input: { RoleName: role.name, PolicyName: brokerPolicyName, PolicyDocument: policyText(want) },
  };
  const record: Write = { call: 'iam:TagRole', input: { RoleName: role.name, Tags: tagList(tags) } };
  return [
    {
      resource: kind,
      name,
      action: have === undefined ? 'create' : 'update',
      differences,
      ...(losses.length === 0 ? {} : { destroys: losses.join('; ') }),
      ...(access.by === 'setting' && isNewGrant(role, bucket, have, want, scope)
        ? { widens: `let ${role.name} list and read inbound/ of ${scope.names.bucket}` }
        : {}),
      // The record first: without it, the policy would count as an earlier version's, which always let the broker read.
      writes: [...(Object.keys(tags).length === 0 ? [] : [record]), ...(inSync ? [] : [put])],
    },
    ...(access.by === 'policies' && !access.reads ? [announcement(role)] : []),
  ];
}

/** The tag that records the decision, if the role doesn't have it. That the broker reads is the default, so a lack of room is no obstacle. */
function recordOf({ tags }: BrokerRole, reads: boolean, { names }: Scope): Record<string, string> {
  const readsInboundTag = readsInboundTagOf(names);
  const missing = missingTags(tags, { [readsInboundTag]: String(reads) });
  return reads && !fitTags([...Object.keys(tags), readsInboundTag]) ? {} : missing;
}

function tagOverflow(role: BrokerRole, tags: Record<string, string>): string | undefined {
  return fitTags([...Object.keys(role.tags), ...Object.keys(tags)])
    ? undefined
    : 'it takes one more tag on the role, which already has the maximum';
}

function undecided(role: BrokerRole, why: string): Entry {
  const decide = '--broker-reads-inbound, or --no-broker-reads-inbound for the deny on routed mail alone, decides it';
  return {
    ...attention(kind, role.name, `unknown whether the broker reads inbound/: ${why}; ${decide}`),
    offer: 'broker-reads-inbound',
  };
}

/** Said once, where the role's own policies decide. */
function announcement({ name }: BrokerRole): Entry {
  const why = 'gets no access to inbound/, because its policies give it none; where it serves magic-link logins';
  return attention(kind, name, `${why}, --broker-reads-inbound lets it list and read inbound/`);
}

function withoutAccess(access: InboundAccess): string | undefined {
  return access.reads ? undefined : 'gives no access to inbound/ (--broker-reads-inbound does)';
}

/** Whether the setting gives a role access to `inbound/` that it surely did not have. */
function isNewGrant(
  role: BrokerRole,
  bucket: SeenBucket,
  have: PolicyDocument | undefined,
  want: PolicyDocument,
  scope: Scope,
): boolean {
  const { added } = diffStatements(have ?? { Statement: [] }, want);
  return added.some(({ Effect }) => Effect === 'Allow') && withoutSetting(role, bucket, scope).reads === false;
}

/** What the broker loses, and what denies it nothing any more. */
function lossesOf(
  role: BrokerRole,
  have: PolicyDocument | undefined,
  want: PolicyDocument,
  { names, settings }: Scope,
): string[] {
  const { removed, added } = diffStatements(have ?? { Statement: [] }, want);
  // With secrets, the Deny covers more than without them.
  const without = { readsInbound: false, listsOnlyInbound: false, deniesCredentials: false };
  const narrower = brokerPolicy({ names }, without).Statement;
  const included = [deniedBefore(names.bucketArn), ...(settings.vault ? narrower : [])].map(canonical);
  const gone = removed.filter((one) => !included.includes(canonical(one))).map(describeStatement);
  const limit = canonical(listOnlyInbound(names.bucketArn));
  return [
    ...(gone.length === 0 ? [] : [`remove from ${role.name}: ${gone.join('; ')}`]),
    ...(added.some((one) => canonical(one) === limit)
      ? [`deny ${role.name} listing ${names.bucket}, except inbound/, whatever its policies allow`]
      : []),
  ];
}
