/**
 * A typical operator's account before the first deploy, created with AWS's own API: the mail bucket with its receipt rule, the data role
 * that agents assume, the broker's role, and a bucket notification of another team.
 */
import {
  AddRoleToInstanceProfileCommand,
  AttachRolePolicyCommand,
  CreateInstanceProfileCommand,
  CreateOpenIDConnectProviderCommand,
  CreateRoleCommand,
} from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketPolicyCommand,
} from '@aws-sdk/client-s3';
import {
  CreateReceiptRuleCommand,
  CreateReceiptRuleSetCommand,
  SESClient,
  SetActiveReceiptRuleSetCommand,
} from '@aws-sdk/client-ses';
import { actorOmni } from '../../agentkeys/actor.js';
import { OMNI_TAG, WALLET_TAG } from '../../agentkeys/names.js';
import type { Aws } from '../../aws/clients.js';

/** The names in the account. */
export const operatorNames = {
  brokerRole: 'agentkeys-broker-host',
  dataRole: 'agentkeys-data-role',
  /** Signs the tokens that agents assume the data role with. */
  issuer: 'oidc.broker.example.com',
  audience: 'sts.amazonaws.com',
  ruleSet: 'agentkeys',
} as const;

export interface OperatorAccount {
  bucket: string;
  dataRoleArn: string;
}

/**
 * Creates it.
 *
 * @param aws an administrator's clients.
 * @param account 12 digits.
 * @param mailDomain the domain that SES receives mail for.
 */
export async function makeOperatorAccount(
  aws: Aws,
  account: string,
  region: string,
  mailDomain = 'bots.litentry.org',
): Promise<OperatorAccount> {
  const bucket = `agentkeys-mail-${account}`;
  const dataRoleArn = `arn:aws:iam::${account}:role/${operatorNames.dataRole}`;
  await Promise.all([makeDataRole(aws, account), makeBrokerRole(aws)]);
  await aws.s3.send(new CreateBucketCommand({ Bucket: bucket }));
  await aws.s3.send(
    new PutBucketPolicyCommand({ Bucket: bucket, Policy: JSON.stringify(bucketPolicy(bucket, account, dataRoleArn)) }),
  );
  await aws.s3.send(
    new PutBucketNotificationConfigurationCommand({
      Bucket: bucket,
      SkipDestinationValidation: true,
      NotificationConfiguration: {
        QueueConfigurations: [
          {
            Id: 'reports-to-finance',
            QueueArn: `arn:aws:sqs:${region}:${account}:reports`,
            Events: ['s3:ObjectCreated:*'],
            Filter: { Key: { FilterRules: [{ Name: 'prefix', Value: 'reports/' }] } },
          },
        ],
      },
    }),
  );
  await makeReceiptRule(aws, bucket, mailDomain);
  return { bucket, dataRoleArn };
}

/** Stores the domain's mail in the bucket. Deletes the notification that SES stores when the rule is created. */
async function makeReceiptRule(aws: Aws, bucket: string, mailDomain: string): Promise<void> {
  const ses = aws.client(SESClient);
  const RuleSetName = operatorNames.ruleSet;
  await ses.send(new CreateReceiptRuleSetCommand({ RuleSetName }));
  const Rule = {
    Name: 'store-mail',
    Enabled: true,
    ScanEnabled: true,
    Recipients: [mailDomain],
    Actions: [{ S3Action: { BucketName: bucket, ObjectKeyPrefix: 'inbound/' } }],
  };
  await ses.send(new CreateReceiptRuleCommand({ RuleSetName, Rule }));
  await ses.send(new SetActiveReceiptRuleSetCommand({ RuleSetName }));
  await aws.s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'inbound/AMAZON_SES_SETUP_NOTIFICATION' }));
}

/** Lets SES store mail, and a session of the data role read the mail of its own wallet. */
function bucketPolicy(bucket: string, account: string, dataRoleArn: string): object {
  const arn = `arn:aws:s3:::${bucket}`;
  const own = 'bots/${aws:PrincipalTag/agentkeys_user_wallet}';
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'SesStoresMail',
        Effect: 'Allow',
        Principal: { Service: 'ses.amazonaws.com' },
        Action: 's3:PutObject',
        Resource: `${arn}/inbound/*`,
        Condition: { StringEquals: { 'AWS:SourceAccount': account } },
      },
      {
        Sid: 'AgentReadsOwnWallet',
        Effect: 'Allow',
        Principal: { AWS: dataRoleArn },
        Action: 's3:GetObject',
        Resource: `${arn}/${own}/*`,
      },
      {
        Sid: 'AgentListsOwnWallet',
        Effect: 'Allow',
        Principal: { AWS: dataRoleArn },
        Action: 's3:ListBucket',
        Resource: arn,
        Condition: { StringLike: { 's3:prefix': `${own}/*` } },
      },
    ],
  };
}

async function makeDataRole({ iam }: Aws, account: string): Promise<void> {
  const { issuer, audience, dataRole } = operatorNames;
  await iam.send(new CreateOpenIDConnectProviderCommand({ Url: `https://${issuer}`, ClientIDList: [audience] }));
  const trust = {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Federated: `arn:aws:iam::${account}:oidc-provider/${issuer}` },
        Action: ['sts:AssumeRoleWithWebIdentity', 'sts:TagSession'],
        Condition: { StringEquals: { [`${issuer}:aud`]: audience } },
      },
    ],
  };
  await iam.send(new CreateRoleCommand({ RoleName: dataRole, AssumeRolePolicyDocument: JSON.stringify(trust) }));
}

async function makeBrokerRole({ iam }: Aws): Promise<void> {
  const RoleName = operatorNames.brokerRole;
  const trust = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
  };
  await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: JSON.stringify(trust) }));
  await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: 'arn:aws:iam::aws:policy/AmazonS3FullAccess' }));
  await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: RoleName }));
  await iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName: RoleName, RoleName }));
}

/**
 * A token such as the broker's issuer signs for an agent. Unlike AWS, the embedded AWS does not check the signature.
 *
 * @param wallet `0x…`, in lower case: policies compare tags case-sensitively.
 * @param expires seconds since 1970.
 */
export function agentToken(wallet: string, expires: number): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const payload = {
    iss: `https://${operatorNames.issuer}`,
    aud: operatorNames.audience,
    sub: `agent:${wallet}`,
    exp: expires,
    'https://aws.amazon.com/tags': {
      principal_tags: { [WALLET_TAG]: [wallet], [OMNI_TAG]: [actorOmni(wallet)] },
      transitive_tag_keys: [WALLET_TAG, OMNI_TAG],
    },
  };
  return `${part({ alg: 'none', typ: 'JWT' })}.${part(payload)}.unsigned`;
}
