/**
 * Every request that two sets of policies might decide differently: actions on resources with request contexts. What a role may do is
 * decided by IAM's evaluation logic, without any network.
 */

import { type PolicyDocument, parsePolicy } from '../../../src/policy/document.js';
import { evaluate } from '../../../src/policy/evaluate.js';
import type { AccountState, Role } from '../../../src/sandbox/index.js';

export const account = '111122223333';
export const bucketArn = `arn:aws:s3:::agentkeys-mail-${account}`;

const named = (...names: string[]) => names.map((name) => `s3:${name}`);

/** Actions on the bucket and on its objects. https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html */
const bucketActions = named(
  'ListBucket',
  'ListBucketVersions',
  'ListBucketMultipartUploads',
  'GetBucketPolicy',
  'PutBucketPolicy',
);
const objectActions = named(
  'GetObject',
  'GetObjectAcl',
  'GetObjectAttributes',
  'GetObjectTagging',
  'GetObjectTorrent',
  'GetObjectVersion',
  'GetObjectVersionTagging',
  'PutObject',
  'PutObjectAcl',
  'DeleteObject',
  'DeleteObjectVersion',
  'RestoreObject',
);

const actions = [
  ...bucketActions,
  ...objectActions,
  ...named('ListAllMyBuckets', 'GetAccessPoint', 'CreateAccessPoint', 'CreateJob', 'PutAccountPublicAccessBlock'),
  's3-object-lambda:GetObject',
  'sqs:SendMessage',
  'iam:CreateUser',
  'kms:Decrypt',
  'logs:PutLogEvents',
];

const keys = [
  'inbound/x',
  'inbound/a/b',
  'inbound',
  'inboundary',
  'inbound/',
  'bots/0x1/inbound/x',
  'bots/0x1/x',
  'a',
  'a/inbound/x',
];

/** Within the mail bucket. */
export const here = [bucketArn, ...keys.map((key) => `${bucketArn}/${key}`)];

/** Other buckets, some with a name like the mail bucket's; other S3 resources; other services; and `*`. */
export const elsewhere = [
  ...[
    'other',
    'mail',
    'agentkeys-mail-444455556666',
    `agentkeys-mail-${account}4`,
    'agentkeys-mail-11112222333',
  ].flatMap((name) =>
    [name, `${name}/inbound/x`, `${name}/bots/0x1/inbound/x`, `${name}/a:b:c`].map((one) => `arn:aws:s3:::${one}`),
  ),
  `arn:aws:s3:us-east-1:${account}:accesspoint/agentkeys`,
  `arn:aws:s3:us-east-1:${account}:accesspoint/agentkeys/object/inbound/x`,
  `arn:aws:s3::${account}:accesspoint/mfzwi23gnjvgw.mrap/object/x`,
  `arn:aws:s3:us-east-1:${account}:job/1`,
  `arn:aws:s3:us-east-1:${account}:access-grants/default`,
  `arn:aws:s3:us-east-1:${account}:storage-lens/1`,
  `arn:aws:s3-object-lambda:us-east-1:${account}:accesspoint/agentkeys`,
  `arn:aws:s3-outposts:us-east-1:${account}:outpost/op-1/bucket/agentkeys-mail`,
  `arn:aws:sqs:us-east-1:${account}:agentkeys-mail-${account}`,
  `arn:aws:iam::${account}:user/agentkeys`,
  `arn:aws:kms:us-east-1:${account}:key/1`,
  `arn:aws:logs:us-east-1:${account}:log-group:agentkeys:*`,
  '*',
];

type Context = Record<string, string>;
const tagged: Context = { 'aws:PrincipalTag/team': 'mail', 'aws:SecureTransport': 'true', 'aws:username': 'inbound' };
/** For listings, with and without a prefix; for all actions, callers with tags and without. */
const listings: Context[] = [
  {},
  ...['', 'inbound', 'inbound/', 'inbound/x', 'bots/'].map((prefix) => ({ ...tagged, 's3:prefix': prefix })),
];
const contexts: Context[] = [{}, tagged];

export interface Policies {
  identity: PolicyDocument[];
  boundary?: PolicyDocument;
}

export interface Request {
  action: string;
  resource: string;
  context: Context;
}

function requests(resources: string[]): Request[] {
  return actions.flatMap((action) =>
    resources.flatMap((resource) =>
      (action === 's3:ListBucket' || action === 's3:ListBucketVersions' ? listings : contexts).map((context) => ({
        action,
        resource,
        context,
      })),
    ),
  );
}

export const requestsHere = requests(here);
export const requestsElsewhere = requests(elsewhere);

/** Whether the request is one that S3 knows: it acts on the bucket, or on one of its objects. */
export function isOnBucket({ action, resource }: Request): boolean {
  return resource === bucketArn ? bucketActions.includes(action) : objectActions.includes(action);
}

/** Whether the request could reach the mail bucket under another ARN. */
export function isDetour({ action, resource }: Request): boolean {
  const detour = /:(accesspoint|job|access-grants)\//.test(resource);
  return detour || /^s3:Create(Job|AccessPoint)$|^s3-object-lambda:/.test(action);
}

/** All that the broker should be allowed on the bucket: `s3:GetObject` on `inbound/*`, listing `inbound/`. */
export function isDesigned({ action, resource, context }: Request): boolean {
  if (action === 's3:GetObject') return resource.startsWith(`${bucketArn}/inbound/`);
  return (
    action === 's3:ListBucket' && resource === bucketArn && (context['s3:prefix']?.startsWith('inbound/') ?? false)
  );
}

export function allowed({ identity, boundary }: Policies, { action, resource, context }: Request): boolean {
  const arn = `arn:aws:iam::${account}:role/agentkeys-broker-host`;
  const asked = { principal: { arn, account }, action, resource, resourceAccount: account, context };
  return evaluate(asked, {
    identity: identity.map((document) => ({ name: 'p', document })),
    ...(boundary === undefined ? {} : { boundary: { name: 'b', document: boundary } }),
  }).allowed;
}

/** The policies of a role on the embedded AWS. */
export function policiesOf(role: Role, { iam }: AccountState): Policies {
  const documentOf = (arn: string) => {
    const policy = iam.policies.get(arn);
    return parsePolicy(String(policy?.versions.get(policy.defaultVersion)));
  };
  const identity = [...[...role.inline.values()].map(parsePolicy), ...[...role.attached].map(documentOf)];
  return { identity, ...(role.boundary === undefined ? {} : { boundary: documentOf(role.boundary) }) };
}

/** A request in one line. */
export function asLine({ action, resource, context }: Request): string {
  return `${action} on ${resource} ${JSON.stringify(context)}`;
}
