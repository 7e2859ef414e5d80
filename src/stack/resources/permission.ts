/**
 * The statement in the function's policy that lets EventBridge invoke it for the stack's rule only.
 */
import { createHash } from 'node:crypto';
import { GetPolicyCommand } from '@aws-sdk/client-lambda';
import { ifExists } from '../../aws/errors.js';
import type { Write } from '../../aws/writes.js';
import { canonical, describeStatement, parsePolicy, type Statement } from '../../policy/document.js';
import { type Difference, difference, type Entry, unchanged } from '../../reconcile/plan.js';
import type { Resource } from '../resource.js';
import type { Names } from '../scope.js';
import { isManaged } from '../tags.js';
import { creationFailed } from './function/health.js';
import type { FunctionState } from './function/state.js';

export interface PermissionState {
  /** All statements of the function's policy. */
  statements: Statement[];
}

/** What its plan depends on. */
interface PermissionView {
  permission: PermissionState | undefined;
  function: FunctionState;
}

const kind = 'permission';
const sidPrefix = 'agentkeys-ses-routing-events-';

/**
 * The statement that AddPermission creates. Its ID includes a hash of its content, so that a changed one can be added before the old
 * one is removed, and no event is rejected in between.
 */
function desiredStatement({ functionArn, ruleArn }: Names): Statement & { Sid: string } {
  const statement: Statement = {
    Effect: 'Allow',
    Principal: { Service: 'events.amazonaws.com' },
    Action: 'lambda:InvokeFunction',
    Resource: functionArn,
    Condition: { ArnLike: { 'AWS:SourceArn': ruleArn } },
  };
  const hash = createHash('sha256').update(canonical(statement)).digest('hex').slice(0, 12);
  return { ...statement, Sid: `${sidPrefix}${hash}` };
}

export const permission: Resource<PermissionState | undefined, PermissionView> = {
  async read({ aws, names }) {
    const answer = await ifExists(aws.lambda.send(new GetPolicyCommand({ FunctionName: names.functionName })));
    return answer?.Policy === undefined ? undefined : { statements: parsePolicy(answer.Policy).Statement };
  },

  deploy({ permission, function: { existing } }, { names }) {
    const want = desiredStatement(names);
    // A function that is created again has no policy.
    const have = creationFailed(existing) ? undefined : permission;
    const managed = (have?.statements ?? []).filter(({ Sid }) => Sid?.startsWith(sidPrefix));
    const upToDate = managed.some(
      (statement) => statement.Sid === want.Sid && canonical(statement) === canonical(want),
    );
    const stale = managed.filter((statement) => statement.Sid !== want.Sid);
    const conflicting = managed.filter((statement) => statement.Sid === want.Sid && !upToDate);

    const add: Write = {
      call: 'lambda:AddPermission',
      input: {
        FunctionName: names.functionName,
        StatementId: want.Sid,
        Action: 'lambda:InvokeFunction',
        Principal: 'events.amazonaws.com',
        SourceArn: names.ruleArn,
      },
    };
    // A statement with the same ID and another content has to be removed first: IDs are unique.
    const writes = [...remove(conflicting, names), ...(upToDate ? [] : [add]), ...remove(stale, names)];
    if (writes.length === 0) return [unchanged(kind, want.Sid)];
    return [
      {
        resource: kind,
        name: want.Sid,
        action: managed.length === 0 ? 'create' : 'update',
        differences: [
          ...[...conflicting, ...stale].map((statement) => statementDifference(statement, 'from')),
          ...(upToDate ? [] : [statementDifference(want, 'to')]),
        ],
        writes,
      },
    ];
  },

  // DeleteFunction deletes the policy too; of a function that is not managed, only these statements are removed.
  teardown({ permission: have, function: { existing } }, { names }): Entry[] {
    const managed = (have?.statements ?? []).filter(({ Sid }) => Sid?.startsWith(sidPrefix));
    if (managed.length === 0 || existing === undefined || isManaged(existing.tags)) return [];
    return [
      {
        resource: kind,
        name: managed.map(({ Sid }) => Sid).join(', '),
        action: 'delete',
        differences: [],
        writes: remove(managed, names),
      },
    ];
  },

  permissions: ({ names }) => [
    { for: 'read', actions: ['lambda:GetPolicy'], resources: [names.functionArn] },
    { for: 'deploy', actions: ['lambda:AddPermission', 'lambda:RemovePermission'], resources: [names.functionArn] },
    { for: 'teardown', actions: ['lambda:RemovePermission'], resources: [names.functionArn] },
  ],
};

function remove(statements: Statement[], { functionName }: Names): Write[] {
  return statements.map(({ Sid }) => ({
    call: 'lambda:RemovePermission',
    input: { FunctionName: functionName, StatementId: Sid },
  }));
}

function statementDifference(statement: Statement, side: 'from' | 'to'): Difference {
  const text = describeStatement(statement);
  return side === 'from' ? difference('statement', text, undefined) : difference('statement', undefined, text);
}
