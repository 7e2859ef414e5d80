/** Which bucket policies let an agent read its own mail and no other, and the statements that the plan shows otherwise. */
import t from 'tap';
import type { Observed } from '../../../src/stack/index.js';
import { account, bucket, bucketArn, checkNotes, type NoteCase } from './support.js';

const own = `bots/\${aws:PrincipalTag/agentkeys_user_wallet}`;
const roleArn = (name: string) => `arn:aws:iam::${account}:role/${name}`;
const dataRole = roleArn('agentkeys-data-role');

/** The statements as the plan shows them, for a role. */
const reading = (role = dataRole) =>
  `{"Sid":"AgentReadsOwnWallet","Effect":"Allow","Principal":{"AWS":"${role}"},"Action":"s3:GetObject","Resource":"${bucketArn}/${own}/*"}`;
const listing = (role = dataRole) =>
  `{"Sid":"AgentListsOwnWallet","Effect":"Allow","Principal":{"AWS":"${role}"},"Action":"s3:ListBucket","Resource":"${bucketArn}","Condition":{"StringLike":{"s3:prefix":"${own}/*"}}}`;

const reads = (more: object = {}) => ({
  Effect: 'Allow',
  Principal: { AWS: dataRole },
  Action: 's3:GetObject',
  Resource: `${bucketArn}/${own}/*`,
  ...more,
});
const lists = (more: object = {}) =>
  reads({
    Action: 's3:ListBucket',
    Resource: bucketArn,
    Condition: { StringLike: { 's3:prefix': `${own}/*` } },
    ...more,
  });

const withPolicy =
  (...Statement: object[]) =>
  (): Partial<Observed> => ({ bucket: { policy: JSON.stringify({ Version: '2012-10-17', Statement }) } });

const missing = (...statements: string[]) => [
  `! mail bucket     ${bucket}`,
  '    by its policy no agent can read its own mail and nothing but that; it takes',
  '    these statements for the role they assume, none that allows it more, and',
  '    none that denies it this:',
  ...statements.flatMap((statement) => ['    + statement:', `      ${statement}`]),
];

const cases: NoteCase[] = [
  { name: 'no policy', lines: missing(reading(), listing()) },
  { name: 'both statements', observed: withPolicy(reads(), lists()), lines: [] },
  {
    name: 'for a role of another name, in a folder',
    observed: withPolicy(...[reads, lists].map((one) => one({ Principal: { AWS: roleArn('team/agents') } }))),
    lines: [],
  },
  {
    name: 'for everybody who has the tag',
    observed: withPolicy(reads({ Principal: '*', Action: 's3:Get*' }), lists({ Principal: '*' })),
    lines: [],
  },
  { name: 'only reading', observed: withPolicy(reads()), lines: missing(listing()) },
  { name: 'only listing', observed: withPolicy(lists()), lines: missing(reading()) },
  {
    name: 'without the folder bots/',
    observed: withPolicy(reads({ Resource: `${bucketArn}/\${aws:PrincipalTag/agentkeys_user_wallet}/*` }), lists()),
    lines: missing(reading()),
  },
  {
    name: 'the whole bucket, whatever the wallet',
    observed: withPolicy(reads({ Resource: `${bucketArn}/*` }), lists({ Condition: {} })),
    lines: missing(reading(), listing()),
  },
  {
    name: 'for the account, which leaves it to the policies of its roles',
    observed: withPolicy(reads({ Principal: { AWS: account } })),
    lines: missing(reading(), listing()),
  },
  {
    name: 'for SES only',
    observed: withPolicy(reads({ Principal: { Service: 'ses.amazonaws.com' }, Action: 's3:PutObject' })),
    lines: missing(reading(), listing()),
  },
  {
    name: 'denied without TLS',
    observed: withPolicy(
      reads(),
      lists(),
      reads({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
    ),
    lines: [],
  },
  {
    name: 'reading denied to all',
    observed: withPolicy(reads(), lists(), reads({ Effect: 'Deny', Principal: '*' })),
    lines: missing(reading()),
  },
  {
    name: 'from one network only',
    observed: withPolicy(reads({ Condition: { StringEquals: { 'aws:SourceVpce': 'vpce-1' } } }), lists()),
    lines: [],
  },
  {
    name: 'denied from other networks',
    observed: withPolicy(
      reads(),
      lists(),
      reads({ Effect: 'Deny', Condition: { StringNotEquals: { 'aws:SourceVpce': 'vpce-1' } } }),
    ),
    lines: [],
  },
  {
    name: "the data role that --data-role names, and no other role's statements",
    observed: withPolicy(reads(), lists()),
    settings: { dataRole: roleArn('agents') },
    lines: missing(reading(roleArn('agents')), listing(roleArn('agents'))),
  },
  {
    name: 'the data role that --data-role names has both statements',
    observed: withPolicy(reads(), lists()),
    settings: { dataRole },
    lines: [],
  },
  {
    name: 'a condition operator that the evaluator does not support',
    observed: withPolicy(reads({ Condition: { StringMatches: { 'aws:PrincipalArn': 'x' } } })),
    lines: [
      `! mail bucket     ${bucket}`,
      '    unknown whether its policy lets agents read their own mail: the condition',
      '    operator "StringMatches" is not supported, so AWS\'s decision can\'t be',
      '    predicted',
    ],
  },
  {
    name: 'a policy that the caller may not read',
    observed: () => ({ bucket: { policyDenied: true } }),
    lines: [
      `! mail bucket     ${bucket}`,
      '    unknown whether its policy lets agents read their own mail: AWS denied',
      '    s3:GetBucketPolicy',
    ],
  },
  {
    name: 'a teardown does not look at the policy',
    command: 'teardown',
    lines: [`= mail bucket     ${bucket}`, '    kept, with all mail: inbound/ and what was routed to bots/'],
  },
];

checkNotes(t, ['mail bucket'], cases);
