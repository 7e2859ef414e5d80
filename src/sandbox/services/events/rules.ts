/**
 * EventBridge: the rules of the default event bus.
 */
import type { AccountState, Rule } from '../../account/state.js';
import { parseEventPattern } from '../../delivery/event-pattern.js';
import { type Access, AwsRefusal, type Operation, type OperationCall } from '../../operation.js';
import { tokenPage } from '../pagination.js';
import { checkTagKeys, tagRules } from '../tags.js';

export interface Tag {
  Key: string;
  Value: string;
}

export interface BusInput {
  EventBusName?: string;
}

interface RuleInput extends BusInput {
  Name: string;
}

export interface PageInput {
  NextToken?: string;
  Limit?: number;
}

export const ruleArn = (state: AccountState, name: string): string =>
  `arn:${state.partition}:events:${state.region}:${state.account}:rule/${name}`;

const ruleAccess =
  (action: string) =>
  ({ input, state }: OperationCall<RuleInput>): Access[] => [
    { action: `events:${action}`, resource: ruleArn(state, input.Name) },
  ];

export const validation = (message: string): AwsRefusal => new AwsRefusal('ValidationException', message);

/** @throws {AwsRefusal} ValidationException for a reserved key, or one that is there twice */
export function checkTags(tags: Tag[] = []): void {
  checkTagKeys(
    tags.map(({ Key }) => Key),
    tagRules(validation),
  );
}

/** @throws {AwsRefusal} ResourceNotFoundException for any bus but the default one */
function checkBus({ EventBusName = 'default' }: BusInput): void {
  if (EventBusName.replace(/^.*event-bus\//, '') !== 'default') {
    throw new AwsRefusal('ResourceNotFoundException', `Event bus ${EventBusName} does not exist.`);
  }
}

/** @throws {AwsRefusal} ResourceNotFoundException */
export function findRule(state: AccountState, name: string, bus: BusInput): Rule {
  checkBus(bus);
  const rule = state.events.rules.get(name);
  if (rule === undefined) {
    throw new AwsRefusal('ResourceNotFoundException', `Rule ${name} does not exist on EventBus default.`);
  }
  return rule;
}

const ruleEntry = (rule: Rule) => ({
  Name: rule.name,
  Arn: rule.arn,
  EventPattern: rule.pattern,
  State: rule.state,
  Description: rule.description,
  RoleArn: rule.roleArn,
  EventBusName: 'default',
});

interface PutRuleInput extends RuleInput {
  EventPattern?: string;
  ScheduleExpression?: string;
  State?: string;
  Description?: string;
  RoleArn?: string;
  Tags?: Tag[];
}

/** @throws {AwsRefusal} ValidationException or InvalidEventPatternException */
function checkRule({ Name, EventPattern, ScheduleExpression, State }: PutRuleInput): Rule['state'] {
  if (!/^[.\-_A-Za-z0-9]{1,64}$/.test(Name)) {
    throw validation(
      `1 validation error detected: Value '${Name}' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\.\\-_A-Za-z0-9]+`,
    );
  }
  if (ScheduleExpression !== undefined) throw validation('The embedded AWS does not support ScheduleExpression.');
  if (EventPattern === undefined) {
    throw validation('Parameter(s) EventPattern or ScheduleExpression must be specified.');
  }
  parseEventPattern(EventPattern);
  if (State !== undefined && State !== 'ENABLED' && State !== 'DISABLED') {
    throw validation(`The embedded AWS does not support the state ${State}.`);
  }
  return State ?? 'ENABLED';
}

/** Replaces the rule: omitted settings are removed. Targets and tags stay; tags given for an existing rule are ignored. */
const putRule: Operation<PutRuleInput> = {
  service: 'events',
  name: 'PutRule',
  mutates: true,
  access(call) {
    const resource = ruleArn(call.state, call.input.Name);
    const { RoleArn, Tags = [] } = call.input;
    const context = { 'iam:PassedToService': 'events.amazonaws.com' };
    return [
      ...ruleAccess('PutRule')(call),
      ...(Tags.length > 0 ? [{ action: 'events:TagResource', resource }] : []),
      ...(RoleArn === undefined ? [] : [{ action: 'iam:PassRole', resource: RoleArn, context }]),
    ];
  },
  run({ input, state }) {
    checkBus(input);
    const ruleState = checkRule(input);
    checkTags(input.Tags);
    const present = state.events.rules.get(input.Name);
    const rule: Rule = {
      name: input.Name,
      arn: ruleArn(state, input.Name),
      pattern: input.EventPattern,
      state: ruleState,
      description: input.Description,
      roleArn: input.RoleArn,
      targets: present?.targets ?? new Map(),
      tags: present?.tags ?? new Map(input.Tags?.map(({ Key, Value }) => [Key, Value])),
    };
    state.events.rules.set(rule.name, rule);
    return { RuleArn: rule.arn };
  },
};

const describeRule: Operation<RuleInput> = {
  service: 'events',
  name: 'DescribeRule',
  mutates: false,
  access: ruleAccess('DescribeRule'),
  run: ({ input, state }) => ({ ...ruleEntry(findRule(state, input.Name, input)), CreatedBy: state.account }),
};

const deleteRule: Operation<RuleInput> = {
  service: 'events',
  name: 'DeleteRule',
  mutates: true,
  access: ruleAccess('DeleteRule'),
  run({ input, state }) {
    checkBus(input);
    const targets = state.events.rules.get(input.Name)?.targets ?? new Map();
    if (targets.size > 0) throw validation("Rule can't be deleted since it has targets.");
    state.events.rules.delete(input.Name);
  },
};

const switchRule = (name: string, ruleState: Rule['state']): Operation<RuleInput> => ({
  service: 'events',
  name,
  mutates: true,
  access: ruleAccess(name),
  run({ input, state }) {
    findRule(state, input.Name, input).state = ruleState;
  },
});

const listRules: Operation<BusInput & PageInput & { NamePrefix?: string }> = {
  service: 'events',
  name: 'ListRules',
  mutates: false,
  access: ({ state }) => [{ action: 'events:ListRules', resource: ruleArn(state, '*') }],
  run({ input, state }) {
    checkBus(input);
    const { NamePrefix = '', NextToken, Limit = 100 } = input;
    const named = [...state.events.rules.values()].filter(({ name }) => name.startsWith(NamePrefix));
    const { items, token } = tokenPage(named, NextToken, Limit, 'ValidationException');
    return { Rules: items.map(ruleEntry), NextToken: token };
  },
};

export const ruleOperations: Operation[] = [
  putRule,
  describeRule,
  deleteRule,
  switchRule('EnableRule', 'ENABLED'),
  switchRule('DisableRule', 'DISABLED'),
  listRules,
];
