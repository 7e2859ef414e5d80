import { functionArn, invokeStatement, type PlanCase, permissionId, ruleArn } from '../support.js';

const oldId = 'agentkeys-ses-routing-events-000000000000';
const line = `~ permission      ${permissionId}`;
const statement = (sign: '+' | '-', sourceArn: string) => [
  `    ${sign} statement: Allow lambda:InvokeFunction on`,
  `      ${functionArn} for`,
  '      events.amazonaws.com when AWS:SourceArn ArnLike',
  `      ${sourceArn}`,
];

export const permissionCases: PlanCase[] = [
  {
    name: 'an old permission beside the right one',
    observed: ({ permission: { statements } }) => ({
      permission: { statements: [...statements, invokeStatement(oldId, `${ruleArn}-old`)] },
    }),
    lines: [line, ...statement('-', `${ruleArn}-old`)],
    writes: ['lambda:RemovePermission'],
  },
  {
    name: 'missing',
    observed: () => ({ permission: undefined }),
    lines: [`+ permission      ${permissionId}`, ...statement('+', ruleArn)],
    writes: ['lambda:AddPermission'],
  },
  {
    name: 'for another rule: the right one is added before the old one is removed',
    observed: () => ({ permission: { statements: [invokeStatement(oldId, `${ruleArn}-old`)] } }),
    lines: [line, ...statement('-', `${ruleArn}-old`), ...statement('+', ruleArn)],
    writes: ['lambda:AddPermission', 'lambda:RemovePermission'],
  },
  {
    name: 'the id with another statement: removed before the right one is added',
    observed: () => ({ permission: { statements: [{ ...invokeStatement(permissionId, ruleArn), Condition: {} }] } }),
    lines: [
      line,
      '    - statement: Allow lambda:InvokeFunction on',
      `      ${functionArn} for`,
      '      events.amazonaws.com',
      ...statement('+', ruleArn),
    ],
    writes: ['lambda:RemovePermission', 'lambda:AddPermission'],
  },
  {
    name: 'statements of others: left alone',
    observed: ({ permission: { statements } }) => ({
      permission: { statements: [...statements, invokeStatement('somebody-elses', `${ruleArn}-theirs`)] },
    }),
    lines: [],
    writes: [],
  },
];
