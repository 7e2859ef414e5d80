/**
 * A function that Lambda failed to create is deleted and created again: "When function creation fails, Lambda sets the function state to
 * failed, and you must delete and recreate the function." https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html
 */
import type { Write } from '../../../aws/writes.js';
import { attention, type Entry } from '../../../reconcile/plan.js';
import type { Scope } from '../../scope.js';
import { isManaged } from '../../tags.js';
import { create, type RoleView } from './changes.js';
import { failureDifferences } from './health.js';
import type { ExistingFunction } from './state.js';
import { unreviewed } from './terms-of-service.js';

const kind = 'function';

/** Deletes a function that Lambda failed to create, and creates it. Its policy is deleted with it, see the permission. */
export function createAgain(have: ExistingFunction, observed: RoleView, scope: Scope): Entry[] {
  const { names } = scope;
  const name = names.functionName;
  const differences = failureDifferences(have);
  if (!isManaged(have.tags)) {
    const note = `Lambda failed to create it, and this tool did not create it: delete it, then deploy again (aws lambda delete-function --function-name ${name})`;
    return [{ ...attention(kind, name, note, differences), blocks: true }];
  }
  const again = create(observed, scope);
  const reserved = scope.settings.reservedConcurrency ?? have.reservedConcurrency;
  const reserve: Write[] =
    reserved === undefined
      ? []
      : [
          {
            call: 'lambda:PutFunctionConcurrency',
            input: { FunctionName: name, ReservedConcurrentExecutions: reserved },
          },
        ];
  return [
    {
      resource: kind,
      name,
      action: 'update',
      note: 'Lambda failed to create it, and accepts no update of such a function: it is deleted and created again',
      differences,
      destroys: `delete the function ${name}, with what others configured on it, and create it again`,
      writes: [{ call: 'lambda:DeleteFunction', input: { FunctionName: name } }, ...again.writes, ...reserve],
    },
    ...unreviewed(have, scope.settings),
  ];
}
