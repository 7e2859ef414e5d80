/**
 * SES: the receipt rules of a set. No mail arrives here; a test puts it into the bucket instead.
 * https://docs.aws.amazon.com/ses/latest/APIReference/API_Operations.html
 */
import type { ReceiptRule, ReceiptRuleSet } from '../../account/state.js';
import { type Access, AwsRefusal, type Operation } from '../../operation.js';
import { queryList } from '../../protocols/query.js';
import { checkName, type RuleSetInput, ruleSetNamed, sesAccess } from './receipt-rule-sets.js';
import { writeSetupNotices } from './setup-notice.js';

/** Values of the query protocol are strings. */
interface RuleInput {
  Name: string;
  Enabled?: string;
  ScanEnabled?: string;
  TlsPolicy?: string;
  Recipients?: string[] | string;
  Actions?: ReceiptRule['Actions'] | string;
}

interface ReceiptRuleInput extends RuleSetInput {
  Rule: RuleInput;
}

/** The index of a rule in its set. @throws {AwsRefusal} RuleDoesNotExist */
function indexOfRule({ rules }: ReceiptRuleSet, name: string): number {
  const index = rules.findIndex((rule) => rule.Name === name);
  if (index === -1) throw new AwsRefusal('RuleDoesNotExist', `Rule does not exist: ${name}`);
  return index;
}

const actionKinds = ['S3Action', 'StopAction', 'BounceAction', 'AddHeaderAction'];

/** The rule to store: with SES's defaults, and the other values unchanged. @throws {AwsRefusal} NotImplemented for other actions */
function readRule(rule: RuleInput): ReceiptRule {
  checkName('rule.name', rule.Name);
  const { Name, Enabled = 'false', ScanEnabled = 'false', TlsPolicy = 'Optional' } = rule;
  const [Recipients, Actions] = [queryList(rule.Recipients), queryList(rule.Actions)];
  const unknown = Actions.flatMap((action) => Object.keys(action)).filter((kind) => !actionKinds.includes(kind));
  if (unknown.length > 0) {
    throw new AwsRefusal('NotImplemented', `The embedded AWS's SES does not support ${unknown.join(', ')}.`, 501);
  }
  return { Name, Enabled, TlsPolicy, Recipients, Actions, ScanEnabled };
}

/** The caller needs iam:PassRole for a role that it gives to SES. */
function passRoleAccess({ Actions }: RuleInput): Access[] {
  const roles = queryList(Actions).flatMap(({ S3Action }) => S3Action?.IamRoleArn ?? []);
  const context = { 'iam:PassedToService': 'ses.amazonaws.com' };
  return roles.map((resource) => ({ action: 'iam:PassRole', resource, context }));
}

/** Without `After`, the new rule is the first. */
const createReceiptRule: Operation<ReceiptRuleInput & { After?: string }> = {
  service: 'ses',
  name: 'CreateReceiptRule',
  mutates: true,
  access: ({ input }) => [...sesAccess('CreateReceiptRule')(), ...passRoleAccess(input.Rule)],
  run({ state, input: { RuleSetName, Rule, After } }) {
    const rule = readRule(Rule);
    const set = ruleSetNamed(state, RuleSetName);
    if (set.rules.some(({ Name }) => Name === rule.Name)) {
      throw new AwsRefusal('AlreadyExists', `Rule already exists: ${rule.Name}`);
    }
    const index = After === undefined ? 0 : indexOfRule(set, After) + 1;
    writeSetupNotices(state, set.name, rule);
    set.rules.splice(index, 0, rule);
    return {};
  },
};

/** Replaces the whole rule, at its position. */
const updateReceiptRule: Operation<ReceiptRuleInput> = {
  service: 'ses',
  name: 'UpdateReceiptRule',
  mutates: true,
  access: ({ input }) => [...sesAccess('UpdateReceiptRule')(), ...passRoleAccess(input.Rule)],
  run({ state, input: { RuleSetName, Rule } }) {
    const rule = readRule(Rule);
    const set = ruleSetNamed(state, RuleSetName);
    const index = indexOfRule(set, rule.Name);
    writeSetupNotices(state, set.name, rule);
    set.rules[index] = rule;
    return {};
  },
};

const deleteReceiptRule: Operation<RuleSetInput & { RuleName: string }> = {
  service: 'ses',
  name: 'DeleteReceiptRule',
  mutates: true,
  access: sesAccess('DeleteReceiptRule'),
  run({ state, input: { RuleSetName, RuleName } }) {
    const set = ruleSetNamed(state, RuleSetName);
    set.rules = set.rules.filter(({ Name }) => Name !== RuleName);
    return {};
  },
};

export const receiptRuleOperations: Operation[] = [createReceiptRule, updateReceiptRule, deleteReceiptRule];
