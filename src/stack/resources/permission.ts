/**
 * The statement in the function's policy that lets EventBridge invoke it, for our rule only.
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
import type { FunctionState } from './function/state.js';

export interface PermissionState {
  /** The statements of the function's policy, ours and others'. */
  statements: Statement[];
}

/** What its plan depends on. */
interface PermissionView {
  permission: PermissionState | undefined;
  function: FunctionState;
}

const kind = 'permission';
const ours = 'agentkeys-ses-routing-events-';

/**
 * The statement that AddPermission makes. Its id holds a hash of its content, so that a changed one can be added before the old one goes:
 * between the two no event is refused.
 */
function wantedStatement({ functionArn, ruleArn }: Names): Statement & { Sid: string } {
  const statement: Statement = {
    Effect: 'Allow',
    Principal: { Service: 'events.amazonaws.com' },
    Action: 'lambda:InvokeFunction',
    Resource: functionArn,
    Condition: { ArnLike: { 'AWS:SourceArn': ruleArn } },
  };
  const hash = createHash('sha256').update(canonical(statement)).digest('hex').slice(0, 12);
  return { ...statement, Sid: `${ours}${hash}` };
}

export const permission: Resource<PermissionState | undefined, PermissionView> = {
  async read({ aws, names }) {
    const answer = await ifExists(aws.lambda.send(new GetPolicyCommand({ FunctionName: names.functionName })));
    return answer?.Policy === undefined ? undefined : { statements: parsePolicy(answer.Policy).Statement };
  },

  deploy({ permission: have }, { names }) {
    const want = wantedStatement(names);
    const mine = (have?.statements ?? []).filter(({ Sid }) => Sid?.startsWith(ours));
    const right = mine.some((statement) => statement.Sid === want.Sid && canonical(statement) === canonical(want));
    const stale = mine.filter((statement) => statement.Sid !== want.Sid);
    const impostor = mine.filter((statement) => statement.Sid === want.Sid && !right);

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
    // A statement under our id with another content has to make room first: an id is there only once.
    const writes = [...remove(impostor, names), ...(right ? [] : [add]), ...remove(stale, names)];
    if (writes.length === 0) return [unchanged(kind, want.Sid)];
    return [
      {
        resource: kind,
        name: want.Sid,
        action: mine.length === 0 ? 'create' : 'update',
        differences: [
          ...[...impostor, ...stale].map((statement) => line(statement, 'from')),
          ...(right ? [] : [line(want, 'to')]),
        ],
        writes,
      },
    ];
  },

  // DeleteFunction takes the function's policy along; a function that isn't ours loses our statements only.
  teardown({ permission: have, function: { existing } }, { names }): Entry[] {
    const mine = (have?.statements ?? []).filter(({ Sid }) => Sid?.startsWith(ours));
    if (mine.length === 0 || existing === undefined || isManaged(existing.tags)) return [];
    return [
      {
        resource: kind,
        name: mine.map(({ Sid }) => Sid).join(', '),
        action: 'delete',
        differences: [],
        writes: remove(mine, names),
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

function line(statement: Statement, side: 'from' | 'to'): Difference {
  const text = describeStatement(statement);
  return side === 'from' ? difference('statement', text, undefined) : difference('statement', undefined, text);
}
