/**
 * A statement without access to the mail bucket: what is kept of it for other buckets and services. Pure.
 */
import { canonical, listOf, type Statement } from '../../policy/document.js';
import { matches } from '../../policy/evaluate.js';
import { coversBucket, isWithinBucket, open, overlaps } from './arn-patterns.js';

/**
 * Resources through which S3's actions could reach the bucket under another ARN: access points of one or several regions, batch jobs,
 * Access Grants, which hand out credentials, and Object Lambda access points. Which bucket they belong to, their ARN doesn't tell.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html#amazons3-resources-for-iam-policies
 */
function detours(bucketArn: string): string[] {
  const [, partition] = bucketArn.split(':');
  const s3 = ['accesspoint/*', 'job/*', 'access-grants/*'].map((resource) => `arn:${partition}:s3:*:*:${resource}`);
  return [...s3, `arn:${partition}:s3-object-lambda:*:*:accesspoint/*`];
}

/** Creates batch jobs. It has no resource, so `NotResource` can't exclude it. */
const createJob = 's3:createjob';

/** All of S3's actions except `s3:CreateJob` and those that create access points and Access Grants. */
const keptActions = [
  ...['s3:A*', 's3:B*', 's3:CreateB*', 's3:CreateS*', 's3:D*', 's3:G*', 's3:I*', 's3:L*'],
  ...['s3:O*', 's3:P*', 's3:R*', 's3:S*', 's3:T*', 's3:U*'],
];

const s3Services = ['s3:*', 's3-object-lambda:*'];

/**
 * The statement without access to the bucket, granting the same on everything else except {@link detours}.
 *
 * No policy can express that for a wildcard that covers this bucket and others. `NotResource` would grant more than the wildcard
 * does: instead of `arn:aws:s3:::*` also access points, which S3's read actions accept too, and with `s3:*` the account-level
 * actions such as `s3:PutAccountPublicAccessBlock`.
 *
 * @returns the statements that replace it (none if it was about this bucket alone); undefined where no policy can express it
 */
export function withoutBucket(statement: Statement, bucketArn: string): Statement[] | undefined {
  const { Resource, NotResource, ...rest } = statement;
  const resources = listOf(Resource);
  if (Resource === undefined || resources.includes('*')) return withoutResources(rest, listOf(NotResource), bucketArn);
  const covering = resources.filter((resource) => coversBucket(resource, bucketArn));
  if (!covering.every((resource) => isWithinBucket(resource, bucketArn))) return undefined;
  const others = resources.filter((resource) => !covering.includes(resource));
  const elsewhere = others.filter((other) => !mayBeDetour(open(other), bucketArn));
  return elsewhere.length === 0 ? [] : [{ ...rest, Resource: elsewhere }];
}

function mayBeDetour(resource: string, bucketArn: string): boolean {
  // The ARNs of buckets and their objects, and no others of S3, have an empty region and account.
  const anyBucket = bucketArn.slice(0, bucketArn.lastIndexOf(':') + 1);
  return !resource.startsWith(anyBucket) && detours(bucketArn).some((detour) => overlaps(resource, detour));
}

/** On everything but some resources, the bucket and what could reach it. */
function withoutResources(rest: Statement, excluded: string[], bucketArn: string): Statement[] | undefined {
  const NotResource = [...new Set([...excluded, bucketArn, `${bucketArn}/*`, ...detours(bucketArn)])];
  if (rest.NotAction !== undefined)
    return [{ ...rest, NotAction: [...listOf(rest.NotAction), 's3:CreateJob'], NotResource }];
  const actions = listOf(rest.Action);
  if (actions.includes('*')) {
    const { Action, Sid, ...same } = rest;
    // The other services have no resource of this bucket: they keep every resource that they had.
    const others = excluded.length === 0 ? { Resource: '*' } : { NotResource: excluded };
    return [
      { ...(Sid === undefined ? {} : { Sid }), ...same, NotAction: s3Services, ...others },
      { ...same, Action: keptActions, NotResource },
    ];
  }
  const kept = actions.map(withoutJobs);
  if (!kept.every((one) => one !== undefined)) return undefined;
  // Something is left: creating jobs is not broad by itself.
  const left = [...new Set(kept.flat())];
  return [{ ...rest, ...(left.join() === actions.join() ? {} : { Action: left }), NotResource }];
}

/** An action's pattern without `s3:CreateJob` and without Object Lambda; undefined where a list of patterns can't express that. */
function withoutJobs(pattern: string): string[] | undefined {
  const lower = pattern.toLowerCase();
  if (lower.startsWith('s3-object-lambda:')) return [];
  if (!matches(lower, createJob)) return [pattern];
  if (lower === createJob) return [];
  const [, start] = /^(s3:[^*?]*)\*$/.exec(lower) ?? [];
  return start === undefined ? undefined : keptActions.filter((action) => action.toLowerCase().startsWith(start));
}

/**
 * The statement as earlier versions of this tool narrowed it: without the bucket, but with what could reach it.
 *
 * @returns nothing where the present rule is the same or no policy can express it
 */
export function withoutBucketEarlier(statement: Statement, bucketArn: string): Statement[] {
  const { Resource, NotResource: _, ...rest } = statement;
  const resources = listOf(Resource);
  if (resources.includes('*')) return [{ ...rest, NotResource: [bucketArn, `${bucketArn}/*`] }];
  const others = resources.filter((resource) => !coversBucket(resource, bucketArn));
  return others.length === 0 ? [] : [{ ...rest, Resource: others }];
}

/**
 * The statement that an earlier version of this tool narrowed, as it was before.
 *
 * @returns undefined for any other statement
 */
export function narrowedEarlier(statement: Statement, bucketArn: string): Statement | undefined {
  const { NotResource: _, ...rest } = statement;
  const before = { ...rest, Resource: '*' };
  const narrowed = withoutBucketEarlier(before, bucketArn).some((after) => canonical(after) === canonical(statement));
  return statement.Effect === 'Allow' && narrowed ? before : undefined;
}

/** The statement with the placeholder `arn:aws:s3:::<bucket>` for each wildcard that covers this bucket and others. */
export function withBucketsNamed(statement: Statement, bucketArn: string): Statement {
  const named = listOf(statement.Resource).flatMap((resource) => {
    if (!coversBucket(resource, bucketArn)) return [resource];
    if (isWithinBucket(resource, bucketArn)) return [];
    const bucket = `${bucketArn.slice(0, bucketArn.lastIndexOf(':'))}:<bucket>`;
    const complete = open(resource);
    const key = complete.indexOf('/');
    if (key >= 0) return [bucket + complete.slice(key)];
    return complete.endsWith('*') ? [bucket, `${bucket}/*`] : [bucket];
  });
  return { ...statement, Resource: named };
}
