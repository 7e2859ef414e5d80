/**
 * EventBridge: the targets of a rule.
 */
import type { Target } from '@aws-sdk/client-eventbridge';
import { type Access, AwsRefusal, type Operation, type OperationCall } from '../../operation.js';
import { tokenPage } from '../pagination.js';
import { type BusInput, findRule, type PageInput, ruleArn } from './rules.js';

/** The target operations have `Rule` where the others have `Name`. */
interface TargetsInput extends BusInput {
  Rule: string;
}

const targetsAccess =
  (action: string) =>
  ({ input, state }: OperationCall<TargetsInput>): Access[] => [
    { action: `events:${action}`, resource: ruleArn(state, input.Rule) },
  ];

/** Settings of a target that are not emulated. */
const notEmulated = ['Input', 'InputPath', 'InputTransformer', 'RoleArn'];

/** "Five targets for each rule", which can't be raised. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html */
const mostTargets = 5;

/** Why a target is rejected; undefined if it is accepted. */
function targetProblem(target: Target): string | undefined {
  if (!/^arn:[^:]+:[^:]+:[^:]*:[^:]*:.+/.test(`${target.Arn}`)) {
    return `Parameter ${target.Arn} is not valid. Reason: Provided Arn is not in correct format.`;
  }
  const unknown = Object.keys(target).filter((member) => notEmulated.includes(member));
  return unknown.length > 0 ? `The embedded AWS does not support ${unknown.join(', ')} of a target.` : undefined;
}

/** The failed entries of a batch: EventBridge returns 200 nevertheless. */
const failedEntries = (entries: Array<{ TargetId: string; ErrorCode: string; ErrorMessage: string }>) => ({
  FailedEntryCount: entries.length,
  FailedEntries: entries,
});

const putTargets: Operation<TargetsInput & { Targets: Array<Target & { Id: string }> }> = {
  service: 'events',
  name: 'PutTargets',
  mutates: true,
  access: targetsAccess('PutTargets'),
  run({ input, state }) {
    const { targets } = findRule(state, input.Rule, input);
    const after = new Set([...targets.keys(), ...input.Targets.map(({ Id }) => Id)]);
    if (after.size > mostTargets) {
      const message = 'The requested resource exceeds the maximum number allowed.';
      throw new AwsRefusal('LimitExceededException', message);
    }
    return failedEntries(
      input.Targets.flatMap((target) => {
        const fault = targetProblem(target);
        if (fault !== undefined) {
          return [{ TargetId: target.Id, ErrorCode: 'ValidationException', ErrorMessage: fault }];
        }
        targets.set(target.Id, target);
        return [];
      }),
    );
  },
};

const removeTargets: Operation<TargetsInput & { Ids: string[] }> = {
  service: 'events',
  name: 'RemoveTargets',
  mutates: true,
  access: targetsAccess('RemoveTargets'),
  run({ input, state }) {
    const { targets } = findRule(state, input.Rule, input);
    const missing = input.Ids.filter((id) => !targets.delete(id));
    return failedEntries(
      missing.map((id) => ({
        TargetId: id,
        ErrorCode: 'ResourceNotFoundException',
        ErrorMessage: `Rule '${input.Rule}' does not have a target with the Id '${id}'.`,
      })),
    );
  },
};

const listTargetsByRule: Operation<TargetsInput & PageInput> = {
  service: 'events',
  name: 'ListTargetsByRule',
  mutates: false,
  access: targetsAccess('ListTargetsByRule'),
  run({ input, state }) {
    const { targets } = findRule(state, input.Rule, input);
    const { items, token } = tokenPage(
      [...targets.values()],
      input.NextToken,
      input.Limit ?? 100,
      'ValidationException',
    );
    return { Targets: items, NextToken: token };
  },
};

export const targetOperations: Operation[] = [putTargets, removeTargets, listTargetsByRule];
