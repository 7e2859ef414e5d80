/**
 * EventBridge's operations on the rules of the default event bus, and on their targets.
 */
import type { Target } from '@aws-sdk/client-eventbridge';
import type { AccountState, Rule } from '../account/state.js';
import { parseEventPattern } from '../delivery/event-pattern.js';
import { type Access, AwsRefusal, type Operation, type OperationCall } from '../operation.js';
import { page } from './page.js';

interface Tag {
  Key: string;
  Value: string;
}

interface OnBus {
  EventBusName?: string;
}

interface NamesRule extends OnBus {
  Name: string;
}

/** The target operations say `Rule` where the others say `Name`. */
interface OfRule extends OnBus {
  Rule: string;
}

interface NamesResource {
  ResourceARN: string;
}

interface Paged {
  NextToken?: string;
  Limit?: number;
}

const ruleArn = (state: AccountState, name: string): string =>
  `arn:${state.partition}:events:${state.region}:${state.account}:rule/${name}`;

const ruleAccess =
  (action: string) =>
  ({ input, state }: OperationCall<NamesRule>): Access[] => [
    { action: `events:${action}`, resource: ruleArn(state, input.Name) },
  ];

const ofRuleAccess =
  (action: string) =>
  ({ input, state }: OperationCall<OfRule>): Access[] => [
    { action: `events:${action}`, resource: ruleArn(state, input.Rule) },
  ];

const resourceAccess =
  (action: string) =>
  ({ input }: OperationCall<NamesResource>): Access[] => [{ action: `events:${action}`, resource: input.ResourceARN }];

const validation = (message: string): AwsRefusal => new AwsRefusal('ValidationException', message);

/** @throws {AwsRefusal} ResourceNotFoundException for any bus but the default one */
function checkBus({ EventBusName = 'default' }: OnBus): void {
  if (EventBusName.replace(/^.*event-bus\//, '') !== 'default') {
    throw new AwsRefusal('ResourceNotFoundException', `Event bus ${EventBusName} does not exist.`);
  }
}

/** @throws {AwsRefusal} ResourceNotFoundException */
function findRule(state: AccountState, name: string, bus: OnBus): Rule {
  checkBus(bus);
  const rule = state.events.rules.get(name);
  if (rule === undefined) {
    throw new AwsRefusal('ResourceNotFoundException', `Rule ${name} does not exist on EventBus default.`);
  }
  return rule;
}

const findByArn = (state: AccountState, { ResourceARN }: NamesResource): Rule =>
  findRule(state, ResourceARN.replace(/^.*rule\//, ''), {});

const shown = (rule: Rule) => ({
  Name: rule.name,
  Arn: rule.arn,
  EventPattern: rule.pattern,
  State: rule.state,
  Description: rule.description,
  RoleArn: rule.roleArn,
  EventBusName: 'default',
});

interface PutRuleInput extends NamesRule {
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
  if (ScheduleExpression !== undefined) throw validation('The embedded AWS does not emulate ScheduleExpression.');
  if (EventPattern === undefined) {
    throw validation('Parameter(s) EventPattern or ScheduleExpression must be specified.');
  }
  parseEventPattern(EventPattern);
  if (State !== undefined && State !== 'ENABLED' && State !== 'DISABLED') {
    throw validation(`The embedded AWS does not emulate the state ${State}.`);
  }
  return State ?? 'ENABLED';
}

/** Replaces the rule: what is not given is gone. Only its targets and its tags stay; tags given for a rule that exists are ignored. */
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

const describeRule: Operation<NamesRule> = {
  service: 'events',
  name: 'DescribeRule',
  mutates: false,
  access: ruleAccess('DescribeRule'),
  run: ({ input, state }) => ({ ...shown(findRule(state, input.Name, input)), CreatedBy: state.account }),
};

const deleteRule: Operation<NamesRule> = {
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

const switchRule = (name: string, ruleState: Rule['state']): Operation<NamesRule> => ({
  service: 'events',
  name,
  mutates: true,
  access: ruleAccess(name),
  run({ input, state }) {
    findRule(state, input.Name, input).state = ruleState;
  },
});

const listRules: Operation<OnBus & Paged & { NamePrefix?: string }> = {
  service: 'events',
  name: 'ListRules',
  mutates: false,
  access: ({ state }) => [{ action: 'events:ListRules', resource: ruleArn(state, '*') }],
  run({ input, state }) {
    checkBus(input);
    const { NamePrefix = '', NextToken, Limit = 100 } = input;
    const named = [...state.events.rules.values()].filter(({ name }) => name.startsWith(NamePrefix));
    const { items, token } = page(named, NextToken, Limit, 'ValidationException');
    return { Rules: items.map(shown), NextToken: token };
  },
};

/** What of a target delivery would have to obey, and this emulation does not. */
const transformations = ['Input', 'InputPath', 'InputTransformer', 'RoleArn'];

/** Why a target is not taken; undefined when it is. */
function targetFault(target: Target): string | undefined {
  if (!/^arn:[^:]+:[^:]+:[^:]*:[^:]*:.+/.test(`${target.Arn}`)) {
    return `Parameter ${target.Arn} is not valid. Reason: Provided Arn is not in correct format.`;
  }
  const unknown = Object.keys(target).filter((member) => transformations.includes(member));
  return unknown.length > 0 ? `The embedded AWS does not emulate ${unknown.join(', ')} of a target.` : undefined;
}

/** What a batch could not do: EventBridge answers 200 all the same. */
const failed = (entries: Array<{ TargetId: string; ErrorCode: string; ErrorMessage: string }>) => ({
  FailedEntryCount: entries.length,
  FailedEntries: entries,
});

const putTargets: Operation<OfRule & { Targets: Array<Target & { Id: string }> }> = {
  service: 'events',
  name: 'PutTargets',
  mutates: true,
  access: ofRuleAccess('PutTargets'),
  run({ input, state }) {
    const { targets } = findRule(state, input.Rule, input);
    return failed(
      input.Targets.flatMap((target) => {
        const fault = targetFault(target);
        if (fault !== undefined) {
          return [{ TargetId: target.Id, ErrorCode: 'ValidationException', ErrorMessage: fault }];
        }
        targets.set(target.Id, target);
        return [];
      }),
    );
  },
};

const removeTargets: Operation<OfRule & { Ids: string[] }> = {
  service: 'events',
  name: 'RemoveTargets',
  mutates: true,
  access: ofRuleAccess('RemoveTargets'),
  run({ input, state }) {
    const { targets } = findRule(state, input.Rule, input);
    const missing = input.Ids.filter((id) => !targets.delete(id));
    return failed(
      missing.map((id) => ({
        TargetId: id,
        ErrorCode: 'ResourceNotFoundException',
        ErrorMessage: `Rule '${input.Rule}' does not have a target with the Id '${id}'.`,
      })),
    );
  },
};

const listTargetsByRule: Operation<OfRule & Paged> = {
  service: 'events',
  name: 'ListTargetsByRule',
  mutates: false,
  access: ofRuleAccess('ListTargetsByRule'),
  run({ input, state }) {
    const { targets } = findRule(state, input.Rule, input);
    const { items, token } = page([...targets.values()], input.NextToken, input.Limit ?? 100, 'ValidationException');
    return { Targets: items, NextToken: token };
  },
};

const tagResource: Operation<NamesResource & { Tags: Tag[] }> = {
  service: 'events',
  name: 'TagResource',
  mutates: true,
  access: resourceAccess('TagResource'),
  run({ input, state }) {
    const { tags } = findByArn(state, input);
    for (const { Key, Value } of input.Tags) tags.set(Key, Value);
  },
};

const untagResource: Operation<NamesResource & { TagKeys: string[] }> = {
  service: 'events',
  name: 'UntagResource',
  mutates: true,
  access: resourceAccess('UntagResource'),
  run({ input, state }) {
    const { tags } = findByArn(state, input);
    for (const key of input.TagKeys) tags.delete(key);
  },
};

const listTagsForResource: Operation<NamesResource> = {
  service: 'events',
  name: 'ListTagsForResource',
  mutates: false,
  access: resourceAccess('ListTagsForResource'),
  run: ({ input, state }) => ({
    Tags: [...findByArn(state, input).tags].map(([Key, Value]): Tag => ({ Key, Value })),
  }),
};

export const eventsOperations: Operation[] = [
  putRule,
  describeRule,
  deleteRule,
  switchRule('EnableRule', 'ENABLED'),
  switchRule('DisableRule', 'DISABLED'),
  listRules,
  putTargets,
  removeTargets,
  listTargetsByRule,
  tagResource,
  untagResource,
  listTagsForResource,
];
