/**
 * The inline policy that this tool manages on the broker's role: read access for magic-link login, and a deny on routed mail.
 */
import { INBOUND_PREFIX, WALLETS_PREFIX } from '../../../handler/mail/address.js';
import { type PolicyDocument, policyText, sameStatements } from '../../policy/document.js';
import { attention, type Entry, unchanged } from '../../reconcile/plan.js';
import { statementDifferences } from '../policy-diff.js';
import type { Scope, StackContext } from '../scope.js';
import { inlineOverflow, inlineTexts, withInline } from './iam-quotas.js';
import type { BrokerPolicy, BrokerRole } from './state.js';

export const brokerPolicyName = 'agentkeys-ses-routing-broker';

/** Whether a policy of the role is this one. A managed policy of the same name is not. */
export function isBrokerPolicy({ kind, name }: BrokerPolicy): boolean {
  return kind === 'inline' && name === brokerPolicyName;
}

/** Lists and reads `inbound/`; never reads routed mail, whatever else the role is granted. */
export function brokerPolicy({ names }: Pick<StackContext, 'names'>): PolicyDocument {
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'ListInbound',
        Effect: 'Allow',
        Action: 's3:ListBucket',
        Resource: names.bucketArn,
        Condition: { StringLike: { 's3:prefix': `${INBOUND_PREFIX}*` } },
      },
      {
        Sid: 'ReadInbound',
        Effect: 'Allow',
        Action: 's3:GetObject',
        Resource: `${names.bucketArn}/${INBOUND_PREFIX}*`,
      },
      {
        Sid: 'NeverReadRouted',
        Effect: 'Deny',
        Action: 's3:GetObject*',
        Resource: `${names.bucketArn}/${WALLETS_PREFIX}*/${INBOUND_PREFIX}*`,
      },
    ],
  };
}

export function brokerPolicyEntries(role: BrokerRole, scope: Scope): Entry[] {
  const kind = 'broker policy';
  const name = `${role.name}/${brokerPolicyName}`;
  const want = brokerPolicy(scope);
  const have = role.policies.find(isBrokerPolicy);
  if (have !== undefined && sameStatements(have.document, want)) return [unchanged(kind, name)];
  const differences = statementDifferences('statement', have?.document, want);
  const overflow = inlineOverflow(withInline(inlineTexts(role), brokerPolicyName, want));
  if (overflow !== undefined)
    return [attention(kind, name, `does not fit: ${overflow}; make room, then run this again`, differences)];
  const removed = differences.filter(({ from }) => from !== undefined);
  return [
    {
      resource: kind,
      name,
      action: have === undefined ? 'create' : 'update',
      differences,
      ...(removed.length === 0
        ? {}
        : { destroys: `remove from ${role.name}: ${removed.map(({ from }) => from).join('; ')}` }),
      writes: [
        {
          call: 'iam:PutRolePolicy',
          input: { RoleName: role.name, PolicyName: brokerPolicyName, PolicyDocument: policyText(want) },
        },
      ],
    },
  ];
}
