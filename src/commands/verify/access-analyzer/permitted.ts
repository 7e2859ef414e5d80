/**
 * What each policy may grant at most, as policies: the references that Access Analyzer compares the policies in force with. They allow
 * everything on other resources, and every action that can't reach mail or change who reaches it. Pure.
 *
 * As AWS advises, a resource policy's reference allows what is permitted, and does without Deny; and it names each principal in the
 * Principal element and by `aws:PrincipalArn`. AWS doesn't know which actions belong to which resource: that S3 knows no such request
 * (`s3:ListBucket` on an object) is said here.
 * https://github.com/aws-samples/iam-access-analyzer-custom-policy-check-samples
 */
import { INBOUND_PREFIX, WALLETS_PREFIX } from '../../../../handler/mail/address.js';
import { WALLET_TAG } from '../../../agentkeys/names.js';
import type { PolicyDocument, Statement } from '../../../policy/document.js';
import type { StackContext } from '../../../stack/scope.js';

/** Actions on objects that read, write, delete or share them. https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html */
const onObjects = [
  's3:GetObject*',
  's3:PutObject*',
  's3:DeleteObject*',
  's3:RestoreObject',
  's3:Replicate*',
  's3:InitiateReplication',
  's3:ObjectOwnerOverrideToBucketOwner',
  's3:BypassGovernanceRetention',
  's3:AbortMultipartUpload',
  's3:ListMultipartUploadParts',
  's3:UpdateObject*',
];

const listing = ['s3:ListBucket', 's3:ListBucketVersions', 's3:ListBucketMultipartUploads'];

/** Actions on a bucket that list it, or change who reaches what is in it, or where it goes. */
const onBucket = [
  ...listing,
  's3:PutBucket*',
  's3:DeleteBucket*',
  's3:PutReplicationConfiguration',
  's3:PutInventoryConfiguration',
  's3:PutAnalyticsConfiguration',
  's3:PutLifecycleConfiguration',
  's3:PutEncryptionConfiguration',
];

const governed = [...onObjects, ...onBucket];

/** What an agent may do in its own folder: everything but to share, replicate, lock or archive it. */
const inOwnFolder = [
  's3:GetObject*',
  's3:PutObject',
  's3:PutObjectTagging',
  's3:DeleteObject',
  's3:DeleteObjectTagging',
  's3:DeleteObjectVersion',
  's3:AbortMultipartUpload',
  's3:ListMultipartUploadParts',
];

const allow = (more: Omit<Statement, 'Effect'>): Statement => ({ Effect: 'Allow', ...more });

const version = { Version: '2012-10-17' } as const;

/** For the policies of the broker's role, taken together: it lists and reads `inbound/`. */
export function permittedToBroker({ names: { bucketArn } }: StackContext): PolicyDocument {
  const objects = `${bucketArn}/*`;
  return {
    ...version,
    Statement: [
      allow({ Sid: 'OtherResources', Action: '*', NotResource: [bucketArn, objects] }),
      allow({ Sid: 'OtherActions', NotAction: governed, Resource: [bucketArn, objects] }),
      allow({ Sid: 'NoSuchBucketRequest', Action: onObjects, Resource: bucketArn }),
      allow({ Sid: 'NoSuchObjectRequest', Action: onBucket, Resource: objects }),
      ...readingInbound(bucketArn),
    ],
  };
}

function readingInbound(bucketArn: string): [read: Statement, list: Statement] {
  return [
    allow({ Sid: 'ReadInbound', Action: 's3:GetObject*', Resource: `${bucketArn}/${INBOUND_PREFIX}*` }),
    allow({
      Sid: 'ListInbound',
      Action: listing,
      Resource: bucketArn,
      Condition: { StringLike: { 's3:prefix': `${INBOUND_PREFIX}*` } },
    }),
  ];
}

/**
 * For the bucket policy: SES, the function, the broker and an agent's session have what each of them needs, and nobody has more.
 *
 * @param brokerArn the broker's role; undefined if it is not looked at.
 */
export function permittedOnBucket(stack: StackContext, brokerArn: string | undefined): PolicyDocument {
  const { names, settings } = stack;
  const { bucketArn } = names;
  const mail = [`${bucketArn}/${INBOUND_PREFIX}*`, `${bucketArn}/${WALLETS_PREFIX}*`];
  const anybody = { Principal: '*' } as const;
  // Newer tokens have a second tag, for a folder of the same agent without mail. The broker sets both.
  const agents = [WALLET_TAG, 'agentkeys_actor_omni'].flatMap((tag) => {
    const own = `${WALLETS_PREFIX}\${aws:PrincipalTag/${tag}}`;
    return [
      allow({ Action: inOwnFolder, Resource: `${bucketArn}/${own}/*` }),
      allow({ Action: listing, Resource: bucketArn, Condition: { StringLike: { 's3:prefix': [own, `${own}/*`] } } }),
    ];
  });
  const routing = [
    ...readingInbound(bucketArn),
    allow({ Action: 's3:DeleteObject', Resource: `${bucketArn}/${INBOUND_PREFIX}*` }),
    allow({
      Action: ['s3:PutObject', 's3:PutObjectTagging'],
      Resource: `${bucketArn}/${WALLETS_PREFIX}*/${INBOUND_PREFIX}*`,
    }),
  ];
  return {
    ...version,
    Statement: [
      allow({ ...anybody, Action: '*', NotResource: [bucketArn, ...mail] }),
      allow({ ...anybody, NotAction: governed, Resource: [bucketArn, ...mail] }),
      allow({ ...anybody, Action: onObjects, Resource: bucketArn }),
      allow({ ...anybody, Action: onBucket, Resource: mail }),
      ...storing(stack),
      ...settings.trustedPrincipals.flatMap((arn) => of(arn, [allow({ Action: '*', Resource: [bucketArn, ...mail] })])),
      ...of(names.dataRoleArn, agents),
      ...of(names.roleArn, routing),
      ...(brokerArn === undefined ? [] : of(brokerArn, readingInbound(bucketArn))),
    ].map(numbered),
  };
}

/** SES stores mail for this account, in any of the forms that its conditions had. https://docs.aws.amazon.com/ses/latest/dg/receiving-email-permissions.html */
function storing({ names, identity: { account, partition } }: StackContext): Statement[] {
  const conditions: Array<Statement['Condition'] & object> = [
    { StringEquals: { 'aws:SourceAccount': account } },
    { ArnLike: { 'aws:SourceArn': `arn:${partition}:ses:*:${account}:*` } },
    { StringEquals: { 'aws:Referer': account } },
  ];
  return conditions.map((Condition) =>
    allow({
      Principal: { Service: 'ses.amazonaws.com' },
      Action: 's3:PutObject',
      Resource: `${names.bucketArn}/*`,
      Condition,
    }),
  );
}

/** The statements for a role: as a principal, and by its ARN as a condition. */
function of(roleArn: string, statements: Statement[]): Statement[] {
  return statements.flatMap((one) => [
    { ...one, Principal: { AWS: roleArn } },
    {
      ...one,
      Principal: '*',
      Condition: { ...one.Condition, ArnEquals: { 'aws:PrincipalArn': roleArn } },
    },
  ]);
}

function numbered(statement: Statement, index: number): Statement {
  return { ...statement, Sid: `Permitted${index}` };
}

/**
 * For the trust policy of the role that agents assume: only identities of one provider assume it, with a token for a known audience.
 *
 * @param providerArn the provider's ARN; undefined when there is not exactly one: then nobody is permitted to assume the role.
 */
export function permittedTrust(providerArn: string | undefined): PolicyDocument {
  const host = providerArn?.replace(/^arn:.*:oidc-provider\//, '');
  return {
    ...version,
    Statement: [
      allow({ Sid: 'OtherActions', Principal: '*', NotAction: 'sts:AssumeRole*' }),
      ...(providerArn === undefined
        ? []
        : [
            allow({
              Sid: 'AgentsByTheirProvider',
              Principal: { Federated: providerArn },
              Action: 'sts:AssumeRoleWithWebIdentity',
              Condition: { StringLike: { [`${host}:aud`]: '?*' } },
            }),
          ]),
    ],
  };
}
