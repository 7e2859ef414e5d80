/**
 * What the function's role must not be granted beyond what it needs.
 */
import t from 'tap';
import type { Statement } from '../../../../src/policy/document.js';
import { bucketArn, functionRole, account as id, roleArn, walletB } from './account.js';
import { asks, deletes, lists, ofFunction, reads, router, routerPrincipal, writes } from './attempts.js';
import { type Change, type Sabotage, sabotaged } from './table.js';

const fails = 'the function > nothing beyond what it needs';

const grants = (statement: Omit<Statement, 'Effect'>): Change => ({
  role: { name: functionRole, statements: [{ Effect: 'Allow', ...statement }] },
});
const may = (action: string, resource: string, context = {}) => asks(routerPrincipal, action, resource, context);
const key = (text: string) => `${bucketArn}/${text}`;

const cases: Sabotage[] = [
  {
    what: 'reading routed mail',
    change: grants({ Action: 's3:GetObject', Resource: key('bots/*') }),
    fails,
    opens: reads(router, `bots/${walletB}/inbound/mail`),
  },
  {
    what: 'reading everything',
    change: grants({ Action: 's3:Get*', Resource: 'arn:aws:s3' }),
    fails,
    opens: reads(router, 'reports/q1'),
  },
  {
    what: 'writing to inbound/',
    change: grants({ Action: 's3:PutObject', Resource: key('inbound/*') }),
    fails,
    opens: writes(router, 'inbound/forged'),
  },
  {
    what: 'writing beside the mail of wallets',
    change: grants({ Action: 's3:PutObject', Resource: key('bots/*') }),
    fails,
    opens: writes(router, `bots/${walletB}/credentials/forged`),
  },
  {
    what: 'deleting from inbound/, without --delete-source',
    change: grants({ Action: 's3:DeleteObject', Resource: key('inbound/*') }),
    fails,
    opens: deletes(router, 'inbound/no-such'),
  },
  {
    what: 'listing everything',
    change: grants({ Action: 's3:List*', Resource: bucketArn }),
    fails,
    opens: lists(router, 'bots/'),
  },
  {
    what: 'everything but some services',
    change: grants({ NotAction: ['ec2:*', 'iam:*'], NotResource: 'arn:aws:s3:::another' }),
    fails,
    opens: reads(router, 'reports/q1'),
  },
  {
    what: 'its own policies',
    change: grants({ Action: 'iam:Put*', Resource: '*' }),
    fails,
    opens: may('iam:PutRolePolicy', roleArn(functionRole)),
  },
  {
    what: "the agents' role",
    change: grants({ Action: 'iam:UpdateAssumeRolePolicy', Resource: roleArn('agentkeys-data-*') }),
    fails,
    opens: may('iam:UpdateAssumeRolePolicy', roleArn('agentkeys-data-role')),
  },
  {
    what: 'its own code',
    change: grants({ Action: 'lambda:*', Resource: `arn:aws:lambda:*:${id}:function:*` }),
    fails,
    opens: may('lambda:UpdateFunctionCode', ofFunction),
  },
  {
    what: 'its rule',
    change: grants({ Action: 'events:*', Resource: '*' }),
    fails,
    opens: may('events:DisableRule', `arn:aws:events:us-east-1:${id}:rule/agentkeys-ses-routing-inbound`),
  },
  {
    what: 'by the bucket policy',
    change: {
      bucket: [
        {
          Effect: 'Allow',
          Principal: { AWS: roleArn(functionRole) },
          Action: 's3:GetObject',
          Resource: key('reports/*'),
        },
      ],
    },
    fails,
    opens: reads(router, 'reports/q1'),
  },
  {
    what: 'by a managed policy',
    change: { role: { name: functionRole, attached: 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess' } },
    statement: '1',
    fails,
    opens: reads(router, 'reports/q1'),
  },
  {
    what: 'under a condition',
    change: grants({
      Action: 's3:GetObject',
      Resource: key('reports/*'),
      Condition: { Bool: { 'aws:SecureTransport': 'true' } },
    }),
    fails,
    opens: reads(router, 'reports/q1'),
  },
];

sabotaged(t, cases);
