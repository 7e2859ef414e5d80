/**
 * The broker's own policy: what magic-link login needs of the bucket, and a deny on the mail that was routed.
 */
import { type PolicyDocument, policyText, sameStatements } from '../../policy/document.js';
import { attention, type Entry, unchanged } from '../../reconcile/plan.js';
import { statementDifferences } from '../policy-diff.js';
import type { Scope, StackContext } from '../scope.js';
import { inlineOverflow, inlineTexts, withInline } from './iam-quotas.js';
import type { BrokerPolicy, BrokerRole } from './state.js';

export const brokerPolicyName = 'agentkeys-ses-routing-broker';

/** Whether a policy of the role is this one; a managed policy may have its name and be somebody's own. */
export function isBrokerPolicy({ kind, name }: BrokerPolicy): boolean {
  return kind === 'inline' && name === brokerPolicyName;
}

/** List and read `inbound/`; never read what was routed, whatever else the role is given. */
export function brokerPolicy({ names }: Pick<StackContext, 'names'>): PolicyDocument {
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'ListInbound',
        Effect: 'Allow',
        Action: 's3:ListBucket',
        Resource: names.bucketArn,
        Condition: { StringLike: { 's3:prefix': 'inbound/*' } },
      },
      { Sid: 'ReadInbound', Effect: 'Allow', Action: 's3:GetObject', Resource: `${names.bucketArn}/inbound/*` },
      {
        Sid: 'NeverReadRouted',
        Effect: 'Deny',
        Action: 's3:GetObject*',
        Resource: `${names.bucketArn}/bots/*/inbound/*`,
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
    return [attention(kind, name, `it does not fit: ${overflow}; make room, then run this again`, differences)];
  const gone = differences.filter(({ from }) => from !== undefined);
  return [
    {
      resource: kind,
      name,
      action: have === undefined ? 'create' : 'update',
      differences,
      ...(gone.length === 0 ? {} : { destroys: `take from ${role.name}: ${gone.map(({ from }) => from).join('; ')}` }),
      writes: [
        {
          call: 'iam:PutRolePolicy',
          input: { RoleName: role.name, PolicyName: brokerPolicyName, PolicyDocument: policyText(want) },
        },
      ],
    },
  ];
}
