/**
 * SES for other accounts, and everybody else whom the bucket policy lets in.
 */
import t from 'tap';
import type { Statement } from '../../../../src/policy/document.js';
import { bucketArn, account as id, roleArn, walletB } from './account.js';
import { asks, mailB, reads, service, stranger } from './attempts.js';
import { type Change, type Sabotage, sabotaged } from './table.js';

const ses = 'SES > stores mail for this account only';
const everybody = "everybody else > reaches neither mail nor the bucket's own limits";

const other = '999988887777';
const key = (text: string) => `${bucketArn}/${text}`;
const lets = (
  Principal: Statement['Principal'],
  Action: string | string[],
  Resource: string,
  Condition?: Statement['Condition'],
): Change => ({
  bucket: [{ Effect: 'Allow', Principal, Action, Resource, ...(Condition && { Condition }) }],
});
const mailer = { Service: 'ses.amazonaws.com' };
/** SES of another account stores mail here. */
const fromElsewhere = (where = 'inbound/forged', context: Record<string, string> = {}) =>
  asks(service('ses.amazonaws.com'), 's3:PutObject', key(where), {
    'aws:SourceAccount': other,
    'aws:Referer': other,
    'aws:SourceArn': `arn:aws:ses:us-east-1:${other}:receipt-rule-set/x:receipt-rule/y`,
    ...context,
  });
const conditioned = (Condition: Statement['Condition']) => lets(mailer, 's3:PutObject', key('inbound/*'), Condition);

const bySes: Sabotage[] = [
  {
    what: 'SES without a condition',
    change: lets(mailer, 's3:PutObject', key('inbound/*')),
    fails: ses,
    opens: fromElsewhere(),
  },
  {
    what: "SES into wallets' folders",
    change: lets(mailer, 's3:Put*', key('bots/*')),
    fails: ses,
    opens: fromElsewhere(mailB),
  },
  {
    what: 'SES for another account',
    change: conditioned({ StringEquals: { 'aws:SourceAccount': [other, id] } }),
    fails: ses,
    opens: fromElsewhere(),
  },
  {
    what: 'SES for any account, by a pattern',
    change: conditioned({ StringLike: { 'AWS:SourceAccount': '*' } }),
    fails: ses,
    opens: fromElsewhere(),
  },
  {
    what: 'SES for any account but one',
    change: conditioned({ StringNotEquals: { 'aws:SourceAccount': '111111111111' } }),
    fails: ses,
    opens: fromElsewhere(),
  },
  {
    what: 'SES by a rule of any account',
    change: conditioned({ ArnLike: { 'aws:SourceArn': 'arn:aws:ses:*:*:receipt-rule-set/*' } }),
    fails: ses,
    opens: fromElsewhere(),
  },
  {
    what: 'SES by the referer of another account',
    change: conditioned({ StringEquals: { 'aws:Referer': other } }),
    fails: ses,
    opens: fromElsewhere(),
  },
  {
    what: 'SES over an encrypted connection',
    change: conditioned({ Bool: { 'aws:SecureTransport': 'true' } }),
    fails: ses,
    opens: fromElsewhere('inbound/forged', { 'aws:SecureTransport': 'true' }),
  },
  {
    what: 'SES if the account is this one, or there is none',
    change: conditioned({ StringEqualsIfExists: { 'aws:SourceAccount': id } }),
    fails: ses,
    opens: asks(service('ses.amazonaws.com'), 's3:PutObject', key('inbound/forged')),
  },
  {
    what: 'SES in a list of services',
    change: lets({ Service: ['ses.amazonaws.com', 'logging.s3.amazonaws.com'] }, 's3:PutObject', key('inbound/*')),
    fails: ses,
    opens: fromElsewhere(),
  },
];

const by = (principal: Parameters<typeof asks>[0], action: string, resource: string, context = {}) =>
  asks(principal, action, resource, context);
const user = `arn:aws:iam::${id}:user/mallory`;
const canonical = '79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be';

const byOthers: Sabotage[] = [
  {
    what: 'another account reads mail',
    change: lets({ AWS: `arn:aws:iam::${other}:root` }, 's3:GetObject', key('*')),
    fails: everybody,
    opens: by(stranger, 's3:GetObject', key(mailB)),
  },
  {
    what: 'another account, by its ID, lists',
    change: lets({ AWS: other }, 's3:ListBucket', bucketArn),
    fails: everybody,
    opens: by(stranger, 's3:ListBucket', bucketArn),
  },
  {
    what: 'a user of another account writes',
    change: lets({ AWS: `arn:aws:iam::${other}:user/eve` }, 's3:PutObject', key('bots/*/inbound/*')),
    fails: everybody,
    opens: by(stranger, 's3:PutObject', key(mailB)),
  },
  {
    what: 'a canonical user reads mail',
    change: lets({ CanonicalUser: canonical }, 's3:GetObject', key('inbound/*')),
    fails: everybody,
    // The evaluator does not know whose ID that is: the statement with its owner's account in place of the ID.
    opens: async ({ sandbox, bucket }) => {
      if (!sandbox.state.s3.buckets.get(bucket)?.policy?.includes(canonical))
        throw Object.assign(new Error('not named'), { name: 'AccessDenied' });
    },
  },
  {
    what: 'CloudFront serves mail',
    change: lets({ Service: 'cloudfront.amazonaws.com' }, 's3:GetObject', key('*'), {
      StringEquals: { 'AWS:SourceArn': `arn:aws:cloudfront::${id}:distribution/E1` },
    }),
    fails: everybody,
    opens: by(service('cloudfront.amazonaws.com'), 's3:GetObject', key(mailB), {
      'aws:SourceArn': `arn:aws:cloudfront::${id}:distribution/E1`,
    }),
  },
  {
    what: 'logs are delivered anywhere',
    change: lets({ Service: 'logging.s3.amazonaws.com' }, 's3:PutObject', key('*'), {
      StringEquals: { 'aws:SourceAccount': id },
    }),
    fails: everybody,
    opens: by(service('logging.s3.amazonaws.com'), 's3:PutObject', key('inbound/forged'), { 'aws:SourceAccount': id }),
  },
  {
    what: "inventories are delivered to a wallet's folder",
    change: lets({ Service: 's3.amazonaws.com' }, 's3:PutObject', key(`bots/${walletB}/*`)),
    fails: everybody,
    opens: by(service('s3.amazonaws.com'), 's3:PutObject', key(mailB)),
  },
  {
    what: 'everybody of an organization',
    change: lets('*', 's3:GetObject', key('bots/*'), { StringEquals: { 'aws:PrincipalOrgID': 'o-another' } }),
    fails: everybody,
    opens: by(stranger, 's3:GetObject', key(mailB), { 'aws:PrincipalOrgID': 'o-another' }),
  },
  {
    what: 'everybody on a path of an organization',
    change: lets({ AWS: '*' }, 's3:GetObject', key('bots/*'), {
      'ForAnyValue:StringLike': { 'aws:PrincipalOrgPaths': 'o-another/*' },
    }),
    fails: everybody,
    opens: by(stranger, 's3:GetObject', key(mailB), { 'aws:PrincipalOrgPaths': ['o-another/r-1/'] }),
  },
  {
    what: 'everybody through an endpoint',
    change: lets('*', 's3:GetObject', key('inbound/*'), { StringEquals: { 'aws:SourceVpce': 'vpce-1' } }),
    fails: everybody,
    opens: by(stranger, 's3:GetObject', key('inbound/login'), { 'aws:SourceVpce': 'vpce-1' }),
  },
  {
    what: 'everybody of another account, by a condition',
    change: lets('*', 's3:Get*', key('*'), { StringEquals: { 'aws:PrincipalAccount': other } }),
    fails: everybody,
    opens: by(stranger, 's3:GetObject', key(mailB)),
  },
  {
    what: 'a user of this account',
    change: lets({ AWS: user }, 's3:GetObject', key('bots/*')),
    fails: everybody,
    opens: reads(({ user }) => user, mailB),
  },
  {
    what: 'everybody but the agents',
    change: {
      bucket: [
        {
          Effect: 'Allow',
          NotPrincipal: { AWS: roleArn('agentkeys-data-role') },
          Action: 's3:GetObject',
          Resource: key('inbound/*'),
        },
      ],
    },
    fails: everybody,
    opens: by(stranger, 's3:GetObject', key('inbound/login')),
  },
  {
    what: 'another account changes the bucket policy',
    change: lets({ AWS: other }, 's3:PutBucket*', bucketArn),
    fails: everybody,
    opens: by(stranger, 's3:PutBucketPolicy', bucketArn),
  },
  {
    what: 'another account replicates into it',
    change: lets(
      { AWS: roleArn('replication').replace(id, other) },
      ['s3:ReplicateObject', 's3:ReplicateDelete'],
      key('*'),
    ),
    fails: everybody,
    opens: by(
      {
        arn: `arn:aws:sts::${other}:assumed-role/replication/x`,
        roleArn: roleArn('replication').replace(id, other),
        account: other,
      },
      's3:ReplicateObject',
      key(mailB),
    ),
  },
  {
    what: 'another account reads all but inbound/',
    change: {
      bucket: [{ Effect: 'Allow', Principal: { AWS: other }, Action: 's3:GetObject', NotResource: key('inbound/*') }],
    },
    fails: everybody,
    opens: by(stranger, 's3:GetObject', key(mailB)),
  },
  {
    what: 'another account deletes one message',
    change: lets({ AWS: other }, 's3:D*', key(mailB)),
    fails: everybody,
    opens: by(stranger, 's3:DeleteObject', key(mailB)),
  },
];

sabotaged(t, [...bySes, ...byOthers]);
