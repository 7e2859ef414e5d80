/**
 * The function's execution role: its trust policy, and the one inline policy with all that the function may do.
 */
import { GetRoleCommand, GetRolePolicyCommand } from '@aws-sdk/client-iam';
import { INBOUND_PREFIX, WALLETS_PREFIX } from '../../../handler/mail/address.js';
import { ifExists } from '../../aws/errors.js';
import type { Write } from '../../aws/writes.js';
import {
  diffStatements,
  type PolicyDocument,
  parsePolicy,
  policyText,
  type Statement,
  sameStatements,
} from '../../policy/document.js';
import { deferred } from '../../reconcile/deferred.js';
import { attention, type Difference, difference, type Entry, unchanged } from '../../reconcile/plan.js';
import { statementDifferences } from '../policy-diff.js';
import type { Resource } from '../resource.js';
import { attachedPolicies, inlinePolicyNames } from '../role-policies.js';
import { type Names, type Scope, type StackContext, stackTags } from '../scope.js';
import { isManaged, missingTags, tagDifferences, tagList, tagRecord } from '../tags.js';
import type { BucketState } from './bucket/bucket.js';
import { keyStatement } from './bucket/kms-key.js';
import { type TargetsView, usesRetryQueue } from './retry/names.js';

export interface ExecutionRoleState {
  arn: string;
  /** IAM's unique ID: a role created again with the same name has another. */
  id: string;
  trust: PolicyDocument;
  /** The inline policy that this tool manages; absent if it doesn't exist. */
  policy?: PolicyDocument;
  boundary?: string;
  tags: Record<string, string>;
  /** Inline policies under other names. */
  otherInline: string[];
  /** ARNs of attached policies. */
  attached: string[];
}

/** What its plan depends on. */
interface RoleView {
  executionRole: ExecutionRoleState | undefined;
  rule: TargetsView;
  bucket: Pick<BucketState, 'kmsKey'>;
}

const kind = 'execution role';

/** Only Lambda may assume the role. */
export const lambdaMayAssume: PolicyDocument = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
};

/**
 * All that the function may do. No logs:CreateLogGroup: this tool creates the group, with a retention.
 * No tagging permissions: CopyObject is called to replace the tags with none.
 *
 * @param retries whether the stack uses its retry queue.
 */
export function executionPolicy(
  stack: StackContext,
  bucket: Pick<BucketState, 'kmsKey'>,
  retries: boolean,
): PolicyDocument {
  const { names, settings } = stack;
  const statements: Statement[] = [
    { Sid: 'ReadInbound', Effect: 'Allow', Action: 's3:GetObject', Resource: `${names.bucketArn}/${INBOUND_PREFIX}*` },
    {
      // Distinguishes a deleted message from a denied one: without it S3 answers 403 for both.
      Sid: 'ListInbound',
      Effect: 'Allow',
      Action: 's3:ListBucket',
      Resource: names.bucketArn,
      Condition: { StringLike: { 's3:prefix': `${INBOUND_PREFIX}*` } },
    },
    {
      Sid: 'WriteRouted',
      Effect: 'Allow',
      Action: 's3:PutObject',
      Resource: `${names.bucketArn}/${WALLETS_PREFIX}*/${INBOUND_PREFIX}*`,
    },
    {
      Sid: 'WriteLogs',
      Effect: 'Allow',
      Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      Resource: `${names.logGroupArn}:*`,
    },
  ];
  if (settings.deleteSource)
    statements.push({
      Sid: 'DeleteInbound',
      Effect: 'Allow',
      Action: 's3:DeleteObject',
      Resource: `${names.bucketArn}/${INBOUND_PREFIX}*`,
    });
  if (retries)
    statements.push({
      // Lambda sends failed events, and receives and deletes them, with the role.
      Sid: 'UseRetryQueue',
      Effect: 'Allow',
      Action: ['sqs:SendMessage', 'sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
      Resource: names.retryQueueArn,
    });
  if (bucket.kmsKey !== undefined)
    statements.push(keyStatement(keySid, bucket.kmsKey, ['kms:Decrypt', 'kms:GenerateDataKey'], stack));
  return { Version: '2012-10-17', Statement: statements };
}

const keySid = 'UseBucketKey';

const oldKey =
  'mail that was stored under the key from before, and is not routed yet, stays where it is: backfill routes it, if you may use that key';

/** Whether the function loses access to a key: the bucket now encrypts with another key or with none. */
function losesKey({ policy = { Statement: [] } }: ExecutionRoleState, want: PolicyDocument): boolean {
  return diffStatements(policy, want).removed.some(({ Sid }) => Sid === keySid);
}

export const executionRole: Resource<ExecutionRoleState | undefined, RoleView> = {
  async read({ aws, names }) {
    const RoleName = names.roleName;
    const [role, policy, inline, attached] = await Promise.all([
      ifExists(aws.iam.send(new GetRoleCommand({ RoleName }))),
      ifExists(aws.iam.send(new GetRolePolicyCommand({ RoleName, PolicyName: names.rolePolicyName }))),
      inlinePolicyNames(aws.iam, RoleName),
      attachedPolicies(aws.iam, RoleName),
    ]);
    if (role?.Role === undefined) return undefined;
    const { Arn = '', RoleId = '', AssumeRolePolicyDocument = '', PermissionsBoundary, Tags } = role.Role;
    return {
      arn: Arn,
      id: RoleId,
      trust: parsePolicy(AssumeRolePolicyDocument),
      ...(policy?.PolicyDocument === undefined ? {} : { policy: parsePolicy(policy.PolicyDocument) }),
      ...(PermissionsBoundary === undefined ? {} : { boundary: PermissionsBoundary.PermissionsBoundaryArn }),
      tags: tagRecord(Tags),
      otherInline: inline.filter((name) => name !== names.rolePolicyName),
      attached: attached.map(({ PolicyArn = '' }) => PolicyArn),
    };
  },

  deploy(observed, scope) {
    const { names, settings } = scope;
    const have = observed.executionRole;
    const want = executionPolicy(scope, observed.bucket, usesRetryQueue(observed.rule, scope));
    if (have === undefined) return [create(scope, want)];

    const RoleName = names.roleName;
    const changed: Difference[] = [];
    const writes: Write[] = [];
    if (!sameStatements(have.trust, lambdaMayAssume)) {
      changed.push(...statementDifferences('trust policy', have.trust, lambdaMayAssume));
      writes.push({
        call: 'iam:UpdateAssumeRolePolicy',
        input: { RoleName, PolicyDocument: policyText(lambdaMayAssume) },
      });
    }
    if (settings.permissionsBoundary !== undefined && settings.permissionsBoundary !== have.boundary) {
      changed.push(difference('permissions boundary', have.boundary, settings.permissionsBoundary));
      writes.push({
        call: 'iam:PutRolePermissionsBoundary',
        input: { RoleName, PermissionsBoundary: settings.permissionsBoundary },
      });
    }
    if (have.policy === undefined || !sameStatements(have.policy, want)) {
      changed.push(...statementDifferences(`policy ${names.rolePolicyName}`, have.policy, want));
      writes.push(putPolicy(names, want));
    }
    // Last: an adopted role is tagged as managed once it is.
    const tags = missingTags(have.tags, stackTags(settings));
    if (Object.keys(tags).length > 0) {
      changed.push(...tagDifferences(have.tags, tags));
      writes.push({ call: 'iam:TagRole', input: { RoleName, Tags: tagList(tags) } });
    }
    const foreign = foreignPolicies(have);
    const extra =
      foreign.length === 0
        ? []
        : [attention(kind, RoleName, `has policies that this tool does not manage, left alone: ${foreign.join(', ')}`)];
    if (writes.length === 0) return [unchanged(kind, RoleName), ...extra];
    const action = isManaged(have.tags) ? 'update' : 'adopt';
    const entry: Entry = { resource: kind, name: RoleName, action, differences: changed, writes };
    return [losesKey(have, want) ? { ...entry, note: oldKey } : entry, ...extra];
  },

  teardown({ executionRole: have }, { names }) {
    if (have === undefined) return [];
    const RoleName = names.roleName;
    if (!isManaged(have.tags)) return [attention(kind, RoleName, 'left alone: it does not carry our tag')];
    const policies = have.policy === undefined ? have.otherInline : [names.rolePolicyName, ...have.otherInline];
    return [
      {
        resource: kind,
        name: RoleName,
        action: 'delete',
        // DeleteRole requires a role without policies; a policy that someone added has no purpose without the role.
        differences: foreignPolicies(have).map((policy) => difference('policy', policy, undefined)),
        writes: [
          ...have.attached.map(
            (PolicyArn): Write => ({ call: 'iam:DetachRolePolicy', input: { RoleName, PolicyArn } }),
          ),
          ...policies.map((PolicyName): Write => ({ call: 'iam:DeleteRolePolicy', input: { RoleName, PolicyName } })),
          { call: 'iam:DeleteRole', input: { RoleName } },
        ],
      },
    ];
  },

  permissions({ names, settings }) {
    const resources = [names.roleArn];
    const boundary = settings.permissionsBoundary === undefined ? [] : ['iam:PutRolePermissionsBoundary'];
    return [
      {
        for: 'read',
        actions: ['iam:GetRole', 'iam:GetRolePolicy', 'iam:ListRolePolicies', 'iam:ListAttachedRolePolicies'],
        resources,
      },
      {
        for: 'deploy',
        actions: ['iam:CreateRole', 'iam:UpdateAssumeRolePolicy', 'iam:PutRolePolicy', 'iam:TagRole', ...boundary],
        resources,
      },
      {
        for: 'teardown',
        actions: ['iam:DetachRolePolicy', 'iam:DeleteRolePolicy', 'iam:DeleteRole'],
        resources,
      },
    ];
  },

  async settle(write, answer, _scope, values) {
    if (write.call !== 'iam:CreateRole') return;
    const id = (answer as { Role?: { RoleId?: string } }).Role?.RoleId;
    if (id !== undefined) values.set(deferred.roleId, id);
  },
};

function create({ names, settings }: Scope, policy: PolicyDocument): Entry {
  const { permissionsBoundary } = settings;
  return {
    resource: kind,
    name: names.roleName,
    action: 'create',
    differences: [
      ...statementDifferences('trust policy', undefined, lambdaMayAssume),
      ...(permissionsBoundary === undefined
        ? []
        : [difference('permissions boundary', undefined, permissionsBoundary)]),
      ...statementDifferences(`policy ${names.rolePolicyName}`, undefined, policy),
    ],
    writes: [
      {
        call: 'iam:CreateRole',
        input: {
          RoleName: names.roleName,
          Description: 'Execution role of the function that routes mail (agentkeys-ses-routing)',
          AssumeRolePolicyDocument: policyText(lambdaMayAssume),
          ...(permissionsBoundary === undefined ? {} : { PermissionsBoundary: permissionsBoundary }),
          Tags: tagList(stackTags(settings)),
        },
      },
      putPolicy(names, policy),
    ],
  };
}

function putPolicy(names: Names, policy: PolicyDocument): Write {
  return {
    call: 'iam:PutRolePolicy',
    input: { RoleName: names.roleName, PolicyName: names.rolePolicyName, PolicyDocument: policyText(policy) },
  };
}

function foreignPolicies(have: ExecutionRoleState): string[] {
  return [...have.otherInline, ...have.attached];
}
