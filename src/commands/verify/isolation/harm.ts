/**
 * What must be protected, as policy statements: the mail, the bucket's own limits, and what decides who does what. Each is a kind of harm
 * with what looks like it but does none. An action that is not known to be harmless counts as harmful.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
 */
import { INBOUND_PREFIX, WALLETS_PREFIX } from '../../../../handler/mail/address.js';
import type { Question } from '../../../policy/access/index.js';
import type { Statement } from '../../../policy/document.js';
import type { StackContext } from '../../../stack/scope.js';

/** Actions of S3, its Object Lambda and other variants. */
const ofS3 = (...names: string[]) => names.map((name) => `s3*:${name}`);

const reads = ofS3('Get*', 'List*', 'Head*', 'Describe*');

/** On an object, these change who may have it or where it goes, not what it is. */
const objectLimits = ofS3('PutObject*Acl', 'RestoreObject', 'Replicate*', 'InitiateReplication', 'ObjectOwnerOverride*');

/** Actions on buckets: on an object's ARN they do nothing. */
const ofBuckets = ofS3('*Bucket', '*BucketVersions', '*BucketMultipartUploads', '*Configuration', 'GetBucket*', 'PutBucket*', 'DeleteBucket*', 'CreateBucket*');

/** Actions on objects: on a bucket's ARN they do nothing. */
const ofObjects = [...objectLimits, ...ofS3('PutObject*', 'DeleteObject*', 'AbortMultipartUpload', 'BypassGovernanceRetention', 'ListMultipartUploadParts')];

/** They list something else than a bucket's keys. */
const otherLists = ofS3('ListAllMyBuckets', 'HeadBucket', 'ListTagsForResource', 'ListMultipartUploadParts');

/** The resource of an action that has none: a literal star, not a wildcard. */
const noResource = '${*}';

export function statement(actions: string[], resources: string[], Condition?: Statement['Condition']): Statement {
  return { Effect: 'Allow', Action: actions, Resource: resources, ...(Condition && { Condition }) };
}

/** Where objects with these keys are: in the bucket, and by any access point of the account, which may be one of the bucket's. */
export function objectsAt({ names, identity }: StackContext, keys: string): string[] {
  return [`${names.bucketArn}/${keys}`, `${accessPoints(identity)}/*/object/${keys}`];
}

function accessPoints({ partition, account }: StackContext['identity']): string {
  return `arn:${partition}:s3*:*:${account}:accesspoint`;
}

/** The bucket and the access points, by which keys are listed. */
export function listedAt({ names, identity }: StackContext): string[] {
  return [names.bucketArn, `${accessPoints(identity)}/*`];
}

/** Reading objects in any form: content, version, attributes, tags, access control list. */
export function readingObjects(stack: StackContext, ...keys: string[]): Question {
  const resources = keys.flatMap((key) => objectsAt(stack, key));
  return { harm: [statement(reads, resources)], permitted: [statement(ofBuckets, resources)] };
}

/** Writing and deleting objects, and whatever else changes them. */
export function changingObjects(stack: StackContext, ...keys: string[]): Question {
  const resources = keys.flatMap((key) => objectsAt(stack, key));
  return {
    harm: [statement(['s3*:*'], resources)],
    permitted: [statement([...reads, ...objectLimits, ...ofBuckets], resources)],
  };
}

/** Listing keys, versions or uploads. @param prefixes values of `s3:prefix`, with wildcards; undefined: no prefix at all */
export function listing(stack: StackContext, prefixes: Array<string | undefined>): Question {
  const [lists, resources] = [ofS3('List*', 'Head*'), listedAt(stack)];
  const given = prefixes.filter((prefix) => prefix !== undefined);
  const harm = [
    ...(prefixes.includes(undefined) ? [statement(lists, resources, { Null: { 's3:prefix': 'true' } })] : []),
    ...(given.length > 0 ? [statement(lists, resources, { StringLike: { 's3:prefix': given } })] : []),
  ];
  const objects = `${accessPoints(stack.identity)}/*/object/*`;
  return { harm, permitted: [statement(otherLists, resources), statement(lists, [objects])] };
}

/** The prefixes that list keys below a folder: its own, those within it, and shorter ones, without the empty one. */
export function prefixesOf(folder: string): string[] {
  return [...Array.from(folder, (_, length) => folder.slice(0, length + 1)), `${folder}*`];
}

/** Listing that shows keys of `bots/`: whose mail there is. */
export function listingWallets(stack: StackContext): Question {
  return listing(stack, [undefined, '', ...prefixesOf(WALLETS_PREFIX)]);
}

export function listingInbound(stack: StackContext): Question {
  return listing(stack, prefixesOf(INBOUND_PREFIX));
}

/** Changing who may do what with the bucket: its policy, access control lists, replication, access points, batch jobs and so on. */
function changingBucket({ names, identity }: StackContext): Question {
  const account = `arn:${identity.partition}:s3*:*:${identity.account}:*`;
  const all = [names.bucketArn, account, noResource];
  return {
    harm: [statement(['s3*:*'], all)],
    permitted: [
      statement([...reads, ...ofObjects], all),
      statement(ofS3('*Object*', '*Bucket*', '*Configuration'), [noResource]),
    ],
  };
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
  const objects = keys.flatMap((key) => objectsAt(stack, key));
  return [
    changingBucket(stack),
    { harm: [statement(objectLimits, objects)], permitted: [] },
    {
      harm: [statement(['iam:*'], iam)],
      permitted: [
        statement(['iam:Get*', 'iam:List*', 'iam:Generate*', 'iam:Simulate*', 'iam:*ServiceLinkedRole*'], iam),
        statement(['iam:ChangePassword'], iam),
      ],
    },
    { harm: [statement(['sts:AssumeRole*', 'sts:TagSession', 'sts:SetSourceIdentity'], roles)], permitted: [] },
    {
      harm: [statement(['lambda:*'], fn)],
      // An event only makes the function look at a message, which goes where it says.
      permitted: [statement(['lambda:Get*', 'lambda:List*', 'lambda:Invoke*'], fn)],
    },
    {
      harm: [statement(['events:*'], [names.ruleArn])],
      permitted: [statement(['events:Describe*', 'events:List*', 'events:Test*', 'events:Put*Events'], [names.ruleArn])],
    },
  ];
}
