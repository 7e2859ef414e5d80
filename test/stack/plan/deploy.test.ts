/** What a deploy plans for each resource that it manages, in tables. */
import t from 'tap';
import { brokerCases } from './cases/broker.js';
import { bucketEventsCases } from './cases/bucket-events.js';
import { executionRoleCases } from './cases/execution-role.js';
import { functionCases } from './cases/function.js';
import { logGroupCases } from './cases/log-group.js';
import { permissionCases } from './cases/permission.js';
import { ruleCases } from './cases/rule.js';
import { checkPlans, type PlanCase } from './support.js';

const tables: Record<string, PlanCase[]> = {
  'log group': logGroupCases,
  'execution role': executionRoleCases,
  function: functionCases,
  permission: permissionCases,
  'rule and target': ruleCases,
  'bucket events': bucketEventsCases,
  'broker policy': brokerCases,
};

for (const [resource, cases] of Object.entries(tables)) t.test(resource, async (t) => checkPlans(t, cases));
