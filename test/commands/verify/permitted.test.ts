/**
 * What AWS's Access Analyzer is to find in the bucket policy and in the data role's trust, and what not.
 */
import { UpdateAssumeRolePolicyCommand } from '@aws-sdk/client-iam';
import { GetBucketPolicyCommand, PutBucketPolicyCommand } from '@aws-sdk/client-s3';
import t from 'tap';
import { addToBucketPolicy, bucketArn, checkOf, dataRole, documentOf } from './access-analyzer.js';
import { type Deployed, startDeployed } from './operator.js';

function trust({ aws }: Deployed, ...statements: object[]) {
  const input = { RoleName: dataRole, PolicyDocument: documentOf(...statements) };
  return aws.iam.send(new UpdateAssumeRolePolicyCommand(input));
}

const oidc = { Federated: 'arn:aws:iam::111122223333:oidc-provider/oidc.example.com' };
const assume = { Effect: 'Allow', Action: 'sts:AssumeRoleWithWebIdentity', Principal: oidc };
const audience = { StringEquals: { 'oidc.example.com:aud': 'agents' } };

t.test("the data role's trust: one provider, and a known audience", async (t) => {
  const operator = await startDeployed(t);
  const cases: Array<[title: string, found: RegExp | undefined, statements: object[]]> = [
    ['one provider', undefined, [{ ...assume, Condition: audience }]],
    [
      'tags in a statement of their own, and another audience',
      undefined,
      [
        { ...assume, Condition: { 'ForAnyValue:StringLike': { 'oidc.example.com:aud': ['a*', 'b'] } } },
        { ...assume, Action: ['sts:TagSession', 'sts:SetSourceIdentity'] },
      ],
    ],
    ['any audience', /statement 1: Allow sts:AssumeRoleWithWebIdentity/, [assume]],
    [
      'a second provider',
      /statement 1.*statement 2/,
      [
        { ...assume, Condition: audience },
        { ...assume, Principal: { Federated: 'arn:aws:iam::111122223333:oidc-provider/b.example.com' } },
      ],
    ],
    [
      'a user',
      /, statement Admin: Allow sts:AssumeRole, sts:TagSession for arn:aws:iam::111122223333:user\/admin/,
      [
        { ...assume, Condition: audience },
        {
          Sid: 'Admin',
          Effect: 'Allow',
          Principal: { AWS: 'arn:aws:iam::111122223333:user/admin' },
          Action: ['sts:AssumeRole', 'sts:TagSession'],
        },
      ],
    ],
  ];
  for (const [title, found, statements] of cases) {
    await trust(operator, ...statements);
    const check = checkOf(await operator.verify(['--timeout', '1']), "the data role's trust");
    // With a FAIL of this tool's own, it is that one.
    t.match(check, found === undefined ? { outcome: 'OK' } : { outcome: /FAIL|SKIP/, reason: found }, title);
  }
});

t.test('what does no harm in the bucket policy is OK', async (t) => {
  const data = { AWS: `arn:aws:iam::111122223333:role/${dataRole}` };
  const team = { AWS: 'arn:aws:iam::444455556666:role/team' };
  const own = (tag: string) => `bots/\${aws:PrincipalTag/${tag}}/credentials/*`;
  const allow = (more: object) => ({ Effect: 'Allow', ...more });
  const cases: Array<[title: string, ...statements: object[]]> = [
    [
      "an agent's own folder, by either of its tags",
      ...['agentkeys_user_wallet', 'agentkeys_actor_omni'].flatMap((tag) => [
        allow({
          Principal: data,
          Action: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'],
          Resource: `${bucketArn}/${own(tag)}`,
          Condition: { Null: { [`aws:PrincipalTag/${tag}`]: 'false' } },
        }),
        allow({
          Principal: data,
          Action: 's3:ListBucket',
          Resource: bucketArn,
          Condition: { StringLike: { 's3:prefix': own(tag) } },
        }),
      ]),
    ],
    [
      'the delivery of logs',
      allow({
        Principal: { Service: 'logging.s3.amazonaws.com' },
        Action: 's3:PutObject',
        Resource: `${bucketArn}/logs/*`,
      }),
      allow({ Principal: { Service: 'cloudtrail.amazonaws.com' }, Action: 's3:GetBucketAcl', Resource: bucketArn }),
    ],
    [
      "another team's folder",
      allow({
        Principal: team,
        Action: ['s3:GetObject', 's3:PutObject'],
        Resource: [bucketArn, `${bucketArn}/team/*`],
      }),
      allow({ Principal: team, Action: 's3:GetBucketLocation', Resource: bucketArn }),
    ],
    [
      'denials',
      {
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:*',
        Resource: [bucketArn, `${bucketArn}/*`],
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
      {
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:GetObject',
        Resource: `${bucketArn}/team/*`,
        Condition: { StringNotEquals: { 'aws:SourceVpce': 'vpce-1' } },
      },
    ],
    [
      'SES, with all of its conditions',
      allow({
        Principal: { Service: 'ses.amazonaws.com' },
        Action: 's3:PutObject',
        Resource: `${bucketArn}/*`,
        Condition: {
          StringEquals: { 'AWS:SourceAccount': '111122223333' },
          StringLike: { 'AWS:SourceArn': 'arn:aws:ses:us-east-1:111122223333:receipt-rule-set/*' },
        },
      }),
      allow({
        Principal: { Service: 'ses.amazonaws.com' },
        Action: 's3:PutObject',
        Resource: `${bucketArn}/inbound/*`,
        Condition: { StringEquals: { 'aws:Referer': '111122223333' } },
      }),
    ],
  ];
  const operator = await startDeployed(t);
  const { aws, bucket } = operator;
  const { Policy = '' } = await aws.s3.send(new GetBucketPolicyCommand({ Bucket: bucket }));
  for (const [title, ...statements] of cases) {
    await addToBucketPolicy(operator, ...statements);
    const check = checkOf(await operator.verify(), 'the bucket policy');
    t.strictSame([check?.outcome, check?.reason], ['OK', undefined], title);
    await aws.s3.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy }));
  }
});

t.test('what does harm in the bucket policy is found by AWS', async (t) => {
  const data = { AWS: `arn:aws:iam::111122223333:role/${dataRole}` };
  const cases: Array<[title: string, statement: object]> = [
    ['every folder', { Principal: data, Action: 's3:GetObject', Resource: `${bucketArn}/bots/*` }],
    [
      'a named wallet',
      { Principal: data, Action: 's3:GetObjectTagging', Resource: `${bucketArn}/bots/0x${'a'.repeat(40)}/*` },
    ],
    [
      'object ACLs',
      {
        Principal: data,
        Action: 's3:PutObjectAcl',
        Resource: `${bucketArn}/bots/\${aws:PrincipalTag/agentkeys_user_wallet}/*`,
      },
    ],
    ['its own limits', { Principal: data, Action: 's3:PutBucketPolicy', Resource: bucketArn }],
    ['versions', { Principal: data, Action: 's3:ListBucketVersions', Resource: bucketArn }],
    [
      'SES of any account',
      { Principal: { Service: 'ses.amazonaws.com' }, Action: 's3:PutObject', Resource: `${bucketArn}/inbound/*` },
    ],
    [
      'another account',
      { Principal: { AWS: '444455556666' }, Action: 's3:GetObject', Resource: `${bucketArn}/inbound/*` },
    ],
    [
      'another service',
      { Principal: { Service: 'cloudfront.amazonaws.com' }, Action: 's3:GetObject', Resource: `${bucketArn}/*` },
    ],
    [
      'a canonical user',
      { Principal: { CanonicalUser: 'f'.repeat(64) }, Action: 's3:GetObject', Resource: `${bucketArn}/bots/*` },
    ],
    [
      'an organization',
      {
        Principal: '*',
        Action: 's3:GetObject',
        Resource: `${bucketArn}/inbound/*`,
        Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-a' } },
      },
    ],
  ];
  const operator = await startDeployed(t);
  const { aws, bucket } = operator;
  const { Policy = '' } = await aws.s3.send(new GetBucketPolicyCommand({ Bucket: bucket }));
  for (const [title, statement] of cases) {
    await addToBucketPolicy(operator, { Sid: 'Bad', Effect: 'Allow', ...statement });
    const verified = await operator.verify();
    t.equal(verified.status, 1, title);
    t.match(checkOf(verified, 'the bucket policy')?.reason, /the bucket policy, statement Bad: Allow/, title);
    await aws.s3.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy }));
  }
});

t.test('a trusted principal may do anything in the bucket', async (t) => {
  const operator = await startDeployed(t);
  const admin = 'arn:aws:iam::444455556666:role/admin';
  await addToBucketPolicy(operator, {
    Sid: 'Admin',
    Effect: 'Allow',
    Principal: { AWS: admin },
    Action: 's3:*',
    Resource: [bucketArn, `${bucketArn}/*`],
  });
  t.match(checkOf(await operator.verify(), 'the bucket policy')?.reason, /statement Admin: Allow s3:\*/);
  const trusted = await operator.verify(['--trusted-principal', admin]);
  t.match(checkOf(trusted, 'the bucket policy'), { outcome: 'OK' });
});
