/** Resources with this tool's names that others made, and what others added to them. */
import t from 'tap';
import type { Observed } from '../../../src/stack/index.js';
import {
  checkNotes,
  checkPlans,
  type Deployed,
  functionName,
  invokeStatement,
  roleName,
  ruleArn,
  ruleName,
  trustOf,
  versionTag,
} from './support.js';

/** The resources without this tool's tags. */
const unmanaged = ({ executionRole, function: { existing }, rule }: Deployed): Partial<Observed> => ({
  executionRole: { ...executionRole, tags: {} },
  function: { existing: { ...existing, tags: {} } },
  rule: { ...rule, tags: { 'eventbridge-on-since': '2026-01-01T00:00:00.000Z' } },
});

/** Policies, targets and statements that others added. */
const withAdditions = ({ executionRole, rule, permission }: Deployed): Partial<Observed> => ({
  executionRole: { ...executionRole, otherInline: ['queue'], attached: ['arn:p'] },
  rule: { ...rule, targets: [...rule.targets, { Id: 'audit', Arn: 'arn:x' }] },
  permission: { statements: [...permission.statements, invokeStatement('audit', `${ruleArn}-theirs`)] },
});

checkPlans(t, [
  {
    name: 'all that carry no tag are adopted, and tagged last',
    observed: (stack) => ({
      ...unmanaged(stack),
      executionRole: { ...stack.executionRole, tags: {}, trust: trustOf('ec2.amazonaws.com') },
    }),
    lines: [
      `> execution role  ${roleName}`,
      '    - trust policy: Allow sts:AssumeRole for ec2.amazonaws.com',
      '    + trust policy: Allow sts:AssumeRole for lambda.amazonaws.com',
      '    + tag managed-by: agentkeys-ses-routing',
      `> function        ${functionName}`,
      '    + tag managed-by: agentkeys-ses-routing',
      '    + tag agentkeys-ses-routing:role-id: AROAEXECUTIONROLE',
      `    + tag agentkeys-ses-routing:version: ${versionTag}`,
      `> rule            ${ruleName}`,
      '    + tag managed-by: agentkeys-ses-routing',
    ],
    writes: ['iam:UpdateAssumeRolePolicy', 'iam:TagRole', 'lambda:TagResource', 'events:TagResource'],
  },
  { name: 'what others added is left alone', observed: withAdditions, lines: [], writes: [] },
]);

checkNotes(
  t,
  ['execution role', 'target', 'permission'],
  [
    {
      name: 'what others added to the role and the rule is noted',
      observed: withAdditions,
      lines: [
        `! execution role  ${roleName}`,
        '    has policies that this tool does not manage, left alone: queue, arn:p',
        '! target          audit',
        `    on the rule ${ruleName}, not managed by this tool: left`,
        '    alone',
      ],
    },
  ],
);
