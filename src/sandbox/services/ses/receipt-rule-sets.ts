/**
 * SES: receipt rule sets, and the active one.
 * https://docs.aws.amazon.com/ses/latest/APIReference/API_Operations.html
 */
import type { AccountState, ReceiptRuleSet } from '../../account/state.js';
import { type Access, AwsRefusal, type Operation } from '../../operation.js';

export interface RuleSetInput {
  RuleSetName: string;
}

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonses.html: these have no resource to name. */
export function sesAccess(name: string): () => Access[] {
  return () => [{ action: `ses:${name}`, resource: '*' }];
}

/** @throws {AwsRefusal} ValidationError */
export function checkName(member: string, name: string): void {
  if (/^(?=.{1,64}$)[a-zA-Z0-9]([\w.-]*[a-zA-Z0-9])?$/.test(name)) return;
  const constraint = 'Member must satisfy regular expression pattern: ^[a-zA-Z0-9_.-]+$';
  throw new AwsRefusal('ValidationError', `Value at '${member}' failed to satisfy constraint: ${constraint}`);
}

/** @throws {AwsRefusal} RuleSetDoesNotExist */
export function ruleSetNamed(state: AccountState, name: string): ReceiptRuleSet {
  const found = state.ses.ruleSets.get(name);
  if (!found) throw new AwsRefusal('RuleSetDoesNotExist', `Rule set does not exist: ${name}`);
  return found;
}

const createReceiptRuleSet: Operation<RuleSetInput> = {
  service: 'ses',
  name: 'CreateReceiptRuleSet',
  mutates: true,
  access: sesAccess('CreateReceiptRuleSet'),
  run({ state, input: { RuleSetName: name } }) {
    checkName('ruleSetName', name);
    if (state.ses.ruleSets.has(name)) throw new AwsRefusal('AlreadyExists', `Rule set already exists: ${name}`);
    state.ses.ruleSets.set(name, { name, created: new Date(state.now()), rules: [] });
    return {};
  },
};

/** Succeeds for a set that does not exist. */
const deleteReceiptRuleSet: Operation<RuleSetInput> = {
  service: 'ses',
  name: 'DeleteReceiptRuleSet',
  mutates: true,
  access: sesAccess('DeleteReceiptRuleSet'),
  run({ state, input: { RuleSetName: name } }) {
    if (state.ses.active === name) throw new AwsRefusal('CannotDelete', `Cannot delete active rule set: ${name}`);
    state.ses.ruleSets.delete(name);
    return {};
  },
};

/** "Setting the name to null disables all email receiving." https://docs.aws.amazon.com/ses/latest/APIReference/API_SetActiveReceiptRuleSet.html */
const setActiveReceiptRuleSet: Operation<Partial<RuleSetInput>> = {
  service: 'ses',
  name: 'SetActiveReceiptRuleSet',
  mutates: true,
  access: sesAccess('SetActiveReceiptRuleSet'),
  run({ state, input: { RuleSetName } }) {
    state.ses.active = RuleSetName === undefined ? undefined : ruleSetNamed(state, RuleSetName).name;
    return {};
  },
};

/** Empty if no set is active. */
const describeActiveReceiptRuleSet: Operation<object> = {
  service: 'ses',
  name: 'DescribeActiveReceiptRuleSet',
  mutates: false,
  access: sesAccess('DescribeActiveReceiptRuleSet'),
  run({ state }) {
    const set = state.ses.ruleSets.get(String(state.ses.active));
    return set ? { Metadata: { Name: set.name, CreatedTimestamp: set.created }, Rules: set.rules } : {};
  },
};

export const receiptRuleSetOperations: Operation[] = [
  createReceiptRuleSet,
  deleteReceiptRuleSet,
  setActiveReceiptRuleSet,
  describeActiveReceiptRuleSet,
];
