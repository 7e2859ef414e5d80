/** The KMS key that the bucket encrypts with: what the function's role gets, and what the plan says that the others need. */
import t from 'tap';
import { policyText, type Statement } from '../../../src/policy/document.js';
import type { BrokerRole } from '../../../src/stack/broker/state.js';
import type { Observed } from '../../../src/stack/index.js';
import {
  account,
  brokerName,
  checkNotes,
  checkPlans,
  type Deployed,
  executionPolicy,
  inline,
  notesOn,
  roleName,
} from './support.js';

const keys = `arn:aws:kms:us-east-1:${account}:key`;
const key = `${keys}/11111111-1111-1111-1111-111111111111`;
const other = `${keys}/22222222-2222-2222-2222-222222222222`;
const kinds = ['bucket key', 'data role', 'broker role'];
const viaS3 = { StringEquals: { 'kms:ViaService': 's3.us-east-1.amazonaws.com' } };

const encrypted = (kmsKey = key) => ({ bucket: { kmsKey } });

/** The broker's role with one more policy. */
const withBrokerPolicy =
  (more: Partial<Statement>, change: Partial<BrokerRole> = {}) =>
  ({ broker: { role } }: Deployed): Partial<Observed> => {
    const Statement = [{ Effect: 'Allow' as const, Action: 'kms:*', Resource: '*', ...more }];
    const policies = [...role.policies, inline('key', policyText({ Version: '2012-10-17', Statement }))];
    return { ...encrypted(), broker: { role: { ...role, policies, ...change } } };
  };

const keyLines = [
  `! bucket key      ${key}`,
  '    the mail is encrypted with it. Its own policy, which is not read here, must',
  `    leave it to the IAM policies of account ${account} who may use it, as the`,
  '    default key policy does; where it does not, add to it:',
  '    + key policy:',
  `      {"Sid":"IamPoliciesDecideThroughS3","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::${account}:root"},"Action":["kms:Decrypt","kms:GenerateDataKey"],"Resource":"*","Condition":${JSON.stringify(viaS3)}}`,
];
const decrypt = [
  '    + statement:',
  `      {"Sid":"DecryptMail","Effect":"Allow","Action":"kms:Decrypt","Resource":"${key}","Condition":${JSON.stringify(viaS3)}}`,
];
const dataRoleLines = (name = 'agentkeys-data-role') => [
  `! data role       arn:aws:iam::${account}:role/${name}`,
  '    agents, who assume it, can not read the mail that is routed to them without',
  "    kms:Decrypt on the bucket's key; where the role does not have it, allow it:",
  ...decrypt,
];
const brokerLines = (name = brokerName) => [
  `! broker role     ${name}`,
  '    the broker can not read the mail in inbound/ without kms:Decrypt on the',
  "    bucket's key; where the role does not have it, allow it:",
  ...decrypt,
];
const withoutBroker = [...keyLines, ...dataRoleLines()];
const all = [...withoutBroker, ...brokerLines()];

checkNotes(t, kinds, [
  { name: "no KMS key, or AWS's own for S3: nothing to note", lines: [] },
  { name: 'a key', observed: () => encrypted(), lines: all },
  {
    name: 'the data role that --data-role names',
    observed: () => encrypted(),
    settings: { dataRole: `arn:aws:iam::${account}:role/agents` },
    lines: [...keyLines, ...dataRoleLines('agents'), ...brokerLines()],
  },
  { name: 'the broker may use every key', observed: withBrokerPolicy({}), lines: withoutBroker },
  {
    name: 'the broker may use the key through S3',
    observed: withBrokerPolicy({ Action: 'kms:Decrypt', Resource: key, Condition: viaS3 }),
    lines: withoutBroker,
  },
  { name: 'the broker may use another key', observed: withBrokerPolicy({ Resource: other }), lines: all },
  {
    name: 'the broker may use the key through another service',
    observed: withBrokerPolicy({ Condition: { StringEquals: { 'kms:ViaService': 'ses.us-east-1.amazonaws.com' } } }),
    lines: all,
  },
  {
    name: 'the broker may use the key from one network: that counts as no permission',
    observed: withBrokerPolicy({ Condition: { IpAddress: { 'aws:SourceIp': '192.0.2.0/24' } } }),
    lines: all,
  },
  {
    name: 'a condition operator that the evaluator does not support: that counts as no permission',
    observed: withBrokerPolicy({ Condition: { MadeUpOperator: { 'aws:username': 'x' } } }),
    lines: all,
  },
  {
    name: "the broker's permissions boundary does not allow it",
    observed: withBrokerPolicy(
      {},
      {
        boundary: {
          name: 'reading',
          document: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 's3:Get*', Resource: '*' }] },
        },
      },
    ),
    lines: all,
  },
  {
    name: '--no-broker: the broker is noted by the name in the settings',
    observed: () => ({ ...encrypted(), broker: { why: 'skipped: --no-broker' } }),
    settings: { brokerRole: 'login' },
    lines: [...withoutBroker, ...brokerLines('login')],
  },
  {
    name: "no role: the broker is noted by its instance profile's name",
    observed: () => ({ ...encrypted(), broker: { why: 'skipped: there is no role' } }),
    settings: { brokerInstanceProfile: 'login-profile' },
    lines: [...withoutBroker, ...brokerLines('login-profile')],
  },
  { name: 'a teardown has nothing to note', observed: () => encrypted(), command: 'teardown', lines: [] },
]);

t.test('an alias: what it resolves to depends on the account, so the note recommends the ARN', async (t) => {
  const [alias, dataRole] = notesOn(kinds, { observed: () => encrypted('alias/mail') });
  t.match(alias?.note, /It is named by an alias, which KMS looks up in the account .*: name it by its ARN\. Its own/);
  t.strictSame(JSON.parse(String(dataRole?.differences[0]?.to)), {
    Sid: 'DecryptMail',
    Effect: 'Allow',
    Action: 'kms:Decrypt',
    Resource: `arn:aws:kms:us-east-1:${account}:key/*`,
    Condition: { ...viaS3, 'ForAnyValue:StringEquals': { 'kms:ResourceAliases': 'alias/mail' } },
  });
});

t.test("another account's key: that account changes the key policy, for this account", async (t) => {
  const foreign = `arn:aws:kms:us-east-1:999988887777:key/1`;
  const [entry] = notesOn(kinds, { observed: () => encrypted(foreign) });
  t.match(entry?.note, /where it does not \(that is done in account 999988887777, which it belongs to\), add to it:$/);
  t.match(JSON.parse(String(entry?.differences[0]?.to)), { Principal: { AWS: `arn:aws:iam::${account}:root` } });
});

const useKey = (resource: string): Statement => ({
  Sid: 'UseBucketKey',
  Effect: 'Allow',
  Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
  Resource: resource,
  Condition: viaS3,
});
const executionRoleWith =
  (...statements: Statement[]) =>
  ({ executionRole }: Deployed): Partial<Observed> => ({
    ...encrypted(),
    executionRole: {
      ...executionRole,
      policy: { ...executionPolicy, Statement: [...executionPolicy.Statement, ...statements] },
    },
  });
const policyLines = (sign: '+' | '-', resource: string) => [
  `    ${sign} policy ${roleName}-inline: Allow kms:Decrypt,`,
  '      kms:GenerateDataKey on',
  `      ${resource}`,
  '      when kms:ViaService StringEquals s3.us-east-1.amazonaws.com',
];

checkPlans(t, [
  {
    name: 'a key: the function may use it through S3',
    observed: executionRoleWith(),
    lines: [`~ execution role  ${roleName}`, ...policyLines('+', key)],
    writes: ['iam:PutRolePolicy'],
  },
  {
    name: 'another key than before: mail stored under the old one waits for backfill',
    observed: executionRoleWith(useKey(other)),
    lines: [
      `~ execution role  ${roleName}`,
      '    mail that was stored under the key from before, and is not routed yet, stays',
      '    where it is: backfill routes it, if you may use that key',
      ...policyLines('-', other),
      ...policyLines('+', key),
    ],
    writes: ['iam:PutRolePolicy'],
  },
  { name: 'the same key as before: nothing to do', observed: executionRoleWith(useKey(key)), lines: [], writes: [] },
]);
