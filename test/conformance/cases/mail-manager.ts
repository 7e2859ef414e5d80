import * as api from '@aws-sdk/client-mailmanager';
import type { Case } from '../account.js';

const ruleSet = { RuleSetId: 'rs-conformance' };

export const mailManagerCases: Case[] = [
  {
    title: 'new',
    send: ({ mailmanager }) =>
      mailmanager.send(new api.CreateRuleSetCommand({ RuleSetName: 'conformance', Rules: [] })),
  },
  { title: 'one', send: ({ mailmanager }) => mailmanager.send(new api.ListRuleSetsCommand({})) },
  { title: 'not there', send: ({ mailmanager }) => mailmanager.send(new api.GetRuleSetCommand(ruleSet)) },
  { title: 'not there', send: ({ mailmanager }) => mailmanager.send(new api.DeleteRuleSetCommand(ruleSet)) },
];
