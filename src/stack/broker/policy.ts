/**
 * The inline policy that this tool manages on the broker's role: read access for magic-link login, and a deny on routed mail.
 */
import { INBOUND_PREFIX, WALLETS_PREFIX } from '../../../handler/mail/address.js';
import { CREDENTIALS_FOLDER } from '../../agentkeys/names.js';
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
import { inlineOverflow, inlineTexts, withInline } from './iam-quotas.js';
import { listings } from './s3-actions.js';
import type { BrokerPolicy, BrokerRole } from './state.js';

export const brokerPolicyName = 'agentkeys-ses-routing-broker';

/** Whether a policy of the role is this one. A managed policy of the same name is not. */
export function isBrokerPolicy({ kind, name }: BrokerPolicy): boolean {
  return kind === 'inline' && name === brokerPolicyName;
}

/** The parts of the policy that not every broker has. */
export interface BrokerAccess {
  /** Whether listing anything else in the bucket is denied, whatever other policies allow. */
  listsOnlyInbound: boolean;
  /** Whether agents keep secrets in the bucket, which the broker never touches either. */
  deniesCredentials: boolean;
}

type Names = Pick<StackContext, 'names'>;

/** Lists and reads `inbound/`; never reads, lists, writes or deletes routed mail or secrets, whatever else the role is granted. */
export function brokerPolicy({ names }: Names, { listsOnlyInbound, deniesCredentials }: BrokerAccess): PolicyDocument {
  const denied = [INBOUND_PREFIX, ...(deniesCredentials ? [CREDENTIALS_FOLDER] : [])];
  const folders = denied.map((folder) => `${WALLETS_PREFIX}*/${folder}`);
  return {
    Version: '2012-10-17',
    Statement: [
      ...inboundStatements(names.bucketArn),
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

/** The policy that the role is to have. Once listing is limited to `inbound/`, it stays so until `teardown --broker`. */
export function desiredBrokerPolicy(role: BrokerRole, scope: Scope): PolicyDocument {
  const limit = canonical(listOnlyInbound(scope.names.bucketArn));
  const limited = role.policies.find(isBrokerPolicy)?.document.Statement.some((one) => canonical(one) === limit);
  return brokerPolicy(scope, {
    listsOnlyInbound: scope.settings.removeBroadGrants || limited === true,
    deniesCredentials: scope.settings.vault,
  });
}

export function brokerPolicyEntries(role: BrokerRole, scope: Scope): Entry[] {
  const kind = 'broker policy';
  const name = `${role.name}/${brokerPolicyName}`;
  const want = desiredBrokerPolicy(role, scope);
  const have = role.policies.find(isBrokerPolicy);
  if (have !== undefined && sameStatements(have.document, want)) return [unchanged(kind, name)];
  const differences = statementDifferences('statement', have?.document, want);
  const overflow = inlineOverflow(withInline(inlineTexts(role), brokerPolicyName, want));
  if (overflow !== undefined)
    return [attention(kind, name, `does not fit: ${overflow}; make room, then run this again`, differences)];
  const losses = lossesOf(role, have?.document, want, scope);
  return [
    {
      resource: kind,
      name,
      action: have === undefined ? 'create' : 'update',
      differences,
      ...(losses.length === 0 ? {} : { destroys: losses.join('; ') }),
      writes: [
        {
          call: 'iam:PutRolePolicy',
          input: { RoleName: role.name, PolicyName: brokerPolicyName, PolicyDocument: policyText(want) },
        },
      ],
    },
  ];
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
  const narrower = brokerPolicy({ names }, { listsOnlyInbound: false, deniesCredentials: false }).Statement;
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
