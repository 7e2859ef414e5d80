/**
 * SES Mail Manager: rule sets. Their rules are kept and answered; no mail is received by them.
 * https://docs.aws.amazon.com/sesmailmanager/latest/APIReference/API_Operations.html
 */
import { randomBytes } from 'node:crypto';
import type { AccountState, MailManagerRuleSet } from '../../account/state.js';
import { type Access, AwsRefusal, type Operation, type OperationCall } from '../../operation.js';
import { tokenPage } from '../pagination.js';

interface CreateInput {
  RuleSetName: string;
  Rules: unknown[];
}

interface RuleSetInput {
  RuleSetId: string;
}

interface ListInput {
  NextToken?: string;
  PageSize?: number;
}

function ruleSetArn({ partition, region, account }: AccountState, id: string): string {
  return `arn:${partition}:ses:${region}:${account}:mailmanager-rule-set/${id}`;
}

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsimpleemailservice-mailmanager.html */
function ruleSetAccess(action: string) {
  return ({ state, input }: OperationCall<RuleSetInput>): Access[] => [
    { action, resource: ruleSetArn(state, input.RuleSetId) },
  ];
}

/** @throws {AwsRefusal} ResourceNotFoundException */
function ruleSetOf({ state, input }: OperationCall<RuleSetInput>): MailManagerRuleSet {
  const found = state.ses.mailManagerRuleSets.get(input.RuleSetId);
  if (!found) throw new AwsRefusal('ResourceNotFoundException', `Rule set not found: ${input.RuleSetId}`);
  return found;
}

const createRuleSet: Operation<CreateInput> = {
  service: 'mailmanager',
  name: 'CreateRuleSet',
  mutates: true,
  access: () => [{ action: 'ses:CreateRuleSet', resource: '*' }],
  run({ state, input: { RuleSetName, Rules } }) {
    if (!/^[\w.-]{1,100}$/.test(RuleSetName)) {
      throw new AwsRefusal('ValidationException', 'RuleSetName must match ^[a-zA-Z0-9_.-]+$');
    }
    const id = `rs-${randomBytes(12).toString('hex')}`;
    const now = new Date(state.now());
    state.ses.mailManagerRuleSets.set(id, { id, name: RuleSetName, created: now, modified: now, rules: Rules });
    return { RuleSetId: id };
  },
};

const getRuleSet: Operation<RuleSetInput> = {
  service: 'mailmanager',
  name: 'GetRuleSet',
  mutates: false,
  access: ruleSetAccess('ses:GetRuleSet'),
  run(call) {
    const { id, name, created, modified, rules } = ruleSetOf(call);
    return {
      RuleSetId: id,
      RuleSetArn: ruleSetArn(call.state, id),
      RuleSetName: name,
      CreatedDate: created,
      LastModificationDate: modified,
      Rules: rules,
    };
  },
};

const listRuleSets: Operation<ListInput> = {
  service: 'mailmanager',
  name: 'ListRuleSets',
  mutates: false,
  access: () => [{ action: 'ses:ListRuleSets', resource: '*' }],
  run({ state, input: { NextToken, PageSize = 50 } }) {
    const all = [...state.ses.mailManagerRuleSets.values()].map(({ id, name, modified }) => ({
      RuleSetId: id,
      RuleSetName: name,
      LastModificationDate: modified,
    }));
    const { items, token } = tokenPage(all, NextToken, PageSize, 'ValidationException');
    return { RuleSets: items, NextToken: token };
  },
};

/** Succeeds for a rule set that does not exist. */
const deleteRuleSet: Operation<RuleSetInput> = {
  service: 'mailmanager',
  name: 'DeleteRuleSet',
  mutates: true,
  access: ruleSetAccess('ses:DeleteRuleSet'),
  run({ state, input }) {
    state.ses.mailManagerRuleSets.delete(input.RuleSetId);
    return {};
  },
};

export const mailManagerRuleSetOperations: Operation[] = [createRuleSet, getRuleSet, listRuleSets, deleteRuleSet];
