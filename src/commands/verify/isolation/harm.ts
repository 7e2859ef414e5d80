/**
 * What must be protected, as policy statements: the mail, the bucket's own limits, and what decides who does what. Each is a kind of harm
 * with what looks like it but does none. An action that is not known to be harmless counts as harmful.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
 */
import { INBOUND_PREFIX, WALLETS_PREFIX } from '../../../../handler/mail/address.js';
import type { Question } from '../../../policy/access/index.js';
import type { Statement } from '../../../policy/document.js';
import type { StackContext } from '../../../stack/scope.js';

/** The services whose actions reach the bucket's objects. */
const s3 = 's3';
const s3ObjectLambda = 's3-object-lambda';

const ofS3 = (...names: string[]) => names.map((name) => `${s3}:${name}`);

/** Every action. */
export const anyAction = [`${s3}:*`, `${s3ObjectLambda}:*`];

const reading = ['Get*', 'List*', 'Head*', 'Describe*'];
const reads = [s3, s3ObjectLambda].flatMap((service) => reading.map((name) => `${service}:${name}`));

/** On an object, these change who may have it or where it goes, not what it is. */
const objectLimits = ofS3(
  'PutObject*Acl',
  'RestoreObject',
  'Replicate*',
  'InitiateReplication',
  'ObjectOwnerOverride*',
);

/** Actions on buckets: on an object's ARN they do nothing. */
const ofBuckets = ofS3('List*Bucket*', 'GetBucket*', 'PutBucket*', 'DeleteBucket*', 'CreateBucket*', '*Configuration');

/** Actions on objects: on a bucket's ARN they do nothing. */
const ofObjects = [
  ...objectLimits,
  ...ofS3('PutObject*', 'DeleteObject*', 'UpdateObject*', 'AbortMultipartUpload', 'BypassGovernanceRetention'),
];

const lists = ofS3('List*', 'Head*');

/** They list something else than a bucket's keys. */
const otherLists = ofS3(
  'ListAllMyBuckets',
  'HeadBucket',
  'ListTagsForResource',
  'ListMultipartUploadParts',
  'ListObject*',
);

/** The resource of an action that has none: a literal star, not a wildcard. */
const noResource = '${*}';

export function statement(actions: string[], resources: string[], Condition?: Statement['Condition']): Statement {
  return { Effect: 'Allow', Action: actions, Resource: resources, ...(Condition && { Condition }) };
}

/**
 * Actions that do no harm to what a question is about. On any resource: a statement on `*` also allows them where the caller's tag stands
 * for a part of the ARN, which a pattern of ARNs does not cover.
 */
function anywhere(actions: string[]): Statement {
  return statement(actions, ['*']);
}

/** One statement for each resource. Not one for all, which the analysis would have to tell apart again. */
function each(actions: string[], resources: string[], Condition?: Statement['Condition']): Statement[] {
  return resources.map((resource) => statement(actions, [resource], Condition));
}

/** The account's access points: which bucket they belong to, their ARN doesn't tell. */
function accessPoints({ identity }: StackContext): string {
  return `arn:${identity.partition}:s3:*:${identity.account}:accesspoint`;
}

/** Objects with these keys, by any access point. */
export function byAccessPoint(stack: StackContext, keys: string): string {
  return `${accessPoints(stack)}/*/object/${keys}`;
}

function objectLambda({ identity }: StackContext): string {
  return `arn:${identity.partition}:s3-object-lambda:*:${identity.account}:accesspoint/*`;
}

/** Buckets and objects: a key may look like an access point's ARN. */
function anyBucket({ identity }: StackContext): string {
  return `arn:${identity.partition}:s3:::*`;
}

/** Questions about access points, to which what is asked about buckets does not apply. */
function aboutAccessPoints(stack: StackContext, harm: Statement[], permitted: Statement[]): Question {
  return { harm, permitted: [statement(['*'], [anyBucket(stack)]), ...permitted] };
}

/** Actions on objects with these keys, in the bucket and by any access point. */
function onObjects(stack: StackContext, actions: string[], keys: string[], harmless: string[]): Question[] {
  const objects = keys.map((key) => `${stack.names.bucketArn}/${key}`);
  const points = keys.map((key) => byAccessPoint(stack, key));
  return [
    { harm: each(actions, objects), permitted: [anywhere(harmless)] },
    aboutAccessPoints(stack, each(actions, points), [anywhere(harmless)]),
  ];
}

/** Reading objects in any form: content, version, attributes, tags, access control list. */
export function readingObjects(stack: StackContext, ...keys: string[]): Question[] {
  // S3's own actions do nothing on these.
  const through = reads.filter((action) => action.startsWith(`${s3ObjectLambda}:`));
  const objectLambdas = aboutAccessPoints(stack, [statement(through, [objectLambda(stack)])], []);
  return [...onObjects(stack, reads, keys, ofBuckets), objectLambdas];
}

/** Writing and deleting objects, and whatever else changes them. */
export function changingObjects(stack: StackContext, ...keys: string[]): Question[] {
  return onObjects(stack, anyAction, keys, [...reads, ...objectLimits, ...ofBuckets]);
}

/** Listing keys, versions or uploads. @param prefixes values of `s3:prefix`, with wildcards; undefined: no prefix at all */
export function listing(stack: StackContext, prefixes: Array<string | undefined>): Question[] {
  const given = prefixes.filter((prefix) => prefix !== undefined);
  const on = (resource: string) => [
    ...(prefixes.includes(undefined) ? [statement(lists, [resource], { Null: { 's3:prefix': 'true' } })] : []),
    statement(lists, [resource], { StringLike: { 's3:prefix': given } }),
  ];
  const { bucketArn } = stack.names;
  const points = `${accessPoints(stack)}/*`;
  return [
    { harm: on(bucketArn), permitted: [anywhere(otherLists)] },
    aboutAccessPoints(stack, on(points), [anywhere(otherLists), statement(['*'], [byAccessPoint(stack, '*')])]),
  ];
}

/** The bucket and the access points, by which keys are listed. */
export function listedAt(stack: StackContext): string[] {
  return [stack.names.bucketArn, `${accessPoints(stack)}/*`];
}

/** The prefixes that list keys below a folder: its own, those within it, and shorter ones, without the empty one. */
function prefixesOf(folder: string): string[] {
  return [...Array.from(folder, (_, length) => folder.slice(0, length + 1)), `${folder}*`];
}

/** Listing that shows keys of `bots/`: whose mail there is. */
export function listingWallets(stack: StackContext): Question[] {
  return listing(stack, [undefined, '', ...prefixesOf(WALLETS_PREFIX)]);
}

export function listingInbound(stack: StackContext): Question[] {
  return listing(stack, prefixesOf(INBOUND_PREFIX));
}

/** Changing who may do what with the bucket: its policy, access control lists, replication, access points, batch jobs and so on. */
function changingBucket(stack: StackContext, keys: string[]): Question[] {
  const { names, identity } = stack;
  const [points, lambdas] = [`${accessPoints(stack)}/*`, objectLambda(stack)];
  const others = ['job', 'access-grants'].map((kind) => `arn:${identity.partition}:s3:*:${identity.account}:${kind}/*`);
  const harmless = anywhere([...reads, ...ofObjects]);
  const elsewhere = anywhere([...reads, ...ofObjects, ...ofBuckets]);
  return [
    { harm: each(anyAction, [names.bucketArn]), permitted: [harmless] },
    aboutAccessPoints(stack, each(anyAction, [points, lambdas, ...others]), [elsewhere]),
    ...onObjects(stack, objectLimits, keys, []),
    // Creating these has no resource.
    { harm: [statement(ofS3('CreateJob', 'CreateAccess*', 'CreateMultiRegion*'), [noResource])], permitted: [] },
  ];
}

/** The roles, policies and providers that decide what everybody may do. */
export interface Guarded {
  /** ARNs of the broker's, the agents' and the function's role. */
  roles: string[];
  /** ARNs of the account's own policies that are attached to them. */
  policies: string[];
}

/**
 * Changing one's own limits: the bucket's, the roles', the function's and the rule's.
 * @param keys of objects whose access control lists count, with wildcards
 */
export function changingLimits(stack: StackContext, { roles, policies }: Guarded, keys: string[]): Question[] {
  const { names, identity } = stack;
  const providers = `arn:${identity.partition}:iam::${identity.account}:oidc-provider/*`;
  const iam = [...roles, ...policies, providers];
  const fn = [names.functionArn, `${names.functionArn}:*`];
  return [
    ...changingBucket(stack, keys),
    {
      harm: each(['iam:*'], iam),
      permitted: [
        anywhere(['iam:Get*', 'iam:List*', 'iam:Generate*', 'iam:Simulate*', 'iam:*ServiceLinkedRole*']),
        anywhere(['iam:ChangePassword']),
      ],
    },
    // Who else may, by a token, is the check of the trust policy's.
    { harm: each(['sts:AssumeRole'], roles), permitted: [] },
    {
      harm: each(['lambda:*'], fn),
      // An event only makes the function look at a message, which goes where it says.
      permitted: [anywhere(['lambda:Get*', 'lambda:List*', 'lambda:Invoke*'])],
    },
    {
      harm: [statement(['events:*'], [names.ruleArn])],
      permitted: [anywhere(['events:Describe*', 'events:List*', 'events:Test*', 'events:Put*Events'])],
    },
  ];
}
