/**
 * Who must be able to do what with the mail, and who must not: the whole promise, as requests.
 */
import { INBOUND_PREFIX, routedPrefix, WALLETS_PREFIX } from '../../../../handler/mail/address.js';
import { walletTag } from '../../../stack/resources/bucket/policy.js';
import type { StackContext } from '../../../stack/scope.js';

/** One thing that may be asked of S3. */
export interface Request {
  action: string;
  /** The bucket's ARN or an object's. */
  resource: string;
  /** Condition keys and their values. */
  context: Record<string, string>;
}

/** Requests that must all be allowed, or all be denied. */
export interface Expectation {
  name: string;
  allowed: boolean;
  requests: Request[];
  /** What to do where it is not so. */
  mend: string;
}

/** Two wallets of nobody: what holds for them holds for any. */
const [own, other] = [`0x${'1'.repeat(40)}`, `0x${'2'.repeat(40)}`] as const;

const redeploy = 'npx agentkeys-ses-routing deploy';

function object(stack: Pick<StackContext, 'names'>, action: string, key: string, context = {}): Request {
  return { action: `s3:${action}`, resource: `${stack.names.bucketArn}/${key}`, context };
}

/** Listing; without a prefix, the whole bucket. */
function listRequest(
  stack: Pick<StackContext, 'names'>,
  prefix: string | undefined,
  context = {},
  action = 'ListBucket',
): Request {
  const onPrefix: Record<string, string> = prefix === undefined ? {} : { 's3:prefix': prefix };
  return { action: `s3:${action}`, resource: stack.names.bucketArn, context: { ...onPrefix, ...context } };
}

/**
 * The prefixes by which S3 tells of everything, or of every wallet. An empty one is not the same as none to a policy, and AWS's own example
 * for folders of users allows it: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_s3_home-directory-console.html
 */
const everything = [undefined, '', WALLETS_PREFIX, withoutSlash(WALLETS_PREFIX)];

/** Listing by it tells of the folder as well, and a policy may forbid one and allow the other. */
export function withoutSlash(prefix: string): string {
  return prefix.slice(0, -1);
}

/** In a bucket that keeps versions the keys are told by this too, and what is read by its version takes another action. */
const versions = { list: 'ListBucketVersions', reads: ['GetObject', 'GetObjectVersion'] };

export function ofBroker(stack: StackContext): Expectation[] {
  const routed = [own, other].map((wallet) => `${routedPrefix(wallet)}message`);
  const reads = ['GetObject', 'GetObjectVersion', 'GetObjectAttributes', 'GetObjectTagging'];
  const narrow = `${redeploy} --remove-broad-grants; what it leaves, by hand: the plan says which statement it is`;
  return [
    {
      name: 'lists and reads inbound/',
      allowed: true,
      requests: [listRequest(stack, 'inbound/'), object(stack, 'GetObject', 'inbound/message')],
      mend: redeploy,
    },
    {
      name: 'does not read mail that was routed',
      allowed: false,
      requests: routed.flatMap((key) => reads.map((action) => object(stack, action, key))),
      mend: redeploy,
    },
    {
      name: 'reads nothing else of the bucket',
      allowed: false,
      requests: [
        ...[...everything, routedPrefix(own)].map((prefix) => listRequest(stack, prefix)),
        listRequest(stack, undefined, {}, versions.list),
        ...[`${WALLETS_PREFIX}${own}/file`, 'elsewhere/file'].flatMap((key) =>
          versions.reads.map((action) => object(stack, action, key)),
        ),
      ],
      mend: narrow,
    },
  ];
}

export function ofAgents(stack: StackContext): Expectation[] {
  const mine = { [walletTag]: own };
  const mend =
    "take what allows it out of the bucket's policy or the role's; `deploy --dry-run` prints the statements an agent needs";
  return [
    {
      name: "lists and reads its own wallet's mail",
      allowed: true,
      requests: [
        listRequest(stack, routedPrefix(own), mine),
        object(stack, 'GetObject', `${routedPrefix(own)}message`, mine),
      ],
      mend: "add to the bucket's policy the statements that `npx agentkeys-ses-routing deploy --dry-run` prints",
    },
    {
      name: "does not read another wallet's",
      allowed: false,
      requests: [
        ...versions.reads.map((action) => object(stack, action, `${routedPrefix(other)}message`, mine)),
        ...[routedPrefix(other), ...everything].map((prefix) => listRequest(stack, prefix, mine)),
        ...[routedPrefix(other), undefined].map((prefix) => listRequest(stack, prefix, mine, versions.list)),
      ],
      mend,
    },
    {
      name: 'does not read inbound/',
      allowed: false,
      requests: [
        ...versions.reads.map((action) => object(stack, action, 'inbound/message', mine)),
        ...[INBOUND_PREFIX, withoutSlash(INBOUND_PREFIX)].map((prefix) => listRequest(stack, prefix, mine)),
        listRequest(stack, INBOUND_PREFIX, mine, versions.list),
      ],
      mend,
    },
    {
      name: "writes nothing to inbound/ or to another wallet's mail",
      allowed: false,
      requests: ['inbound/message', `${routedPrefix(other)}message`].flatMap((key) =>
        ['PutObject', 'DeleteObject', 'DeleteObjectVersion'].map((action) => object(stack, action, key, mine)),
      ),
      mend,
    },
    {
      name: 'reads nothing without a wallet',
      allowed: false,
      requests: [object(stack, 'GetObject', `${routedPrefix(own)}message`), listRequest(stack, routedPrefix(own))],
      mend,
    },
  ];
}

export function ofFunction(stack: StackContext): Expectation[] {
  return [
    {
      name: 'lists and reads inbound/, and writes what is routed',
      allowed: true,
      requests: [
        listRequest(stack, 'inbound/message'),
        object(stack, 'GetObject', 'inbound/message'),
        object(stack, 'PutObject', `${routedPrefix(own)}message`),
      ],
      mend: `${redeploy}; a statement of the bucket's policy that denies it is yours to change`,
    },
  ];
}

/** @param ruleArn the receipt rule that stores the mail, where it is known. */
export function ofSes(stack: StackContext, ruleArn: string | undefined): Expectation[] {
  const { account } = stack.identity;
  const context = {
    'aws:SourceAccount': account,
    // The old form, still in use. https://docs.aws.amazon.com/ses/latest/dg/receiving-email-permissions.html
    'aws:Referer': account,
    ...(ruleArn === undefined ? {} : { 'aws:SourceArn': ruleArn }),
  };
  return [
    {
      name: 'stores mail in inbound/',
      allowed: true,
      requests: [object(stack, 'PutObject', 'inbound/message', context)],
      mend: "let ses.amazonaws.com put objects under inbound/ in the bucket's policy: https://docs.aws.amazon.com/ses/latest/dg/receiving-email-permissions.html",
    },
  ];
}

export function ofAnybody(stack: StackContext): Expectation[] {
  return [
    {
      name: 'the bucket policy lets nobody in without credentials',
      allowed: false,
      requests: ['inbound/message', `${routedPrefix(own)}message`]
        .flatMap((key) => [...versions.reads, 'PutObject', 'DeleteObject'].map((action) => object(stack, action, key)))
        .concat([...everything, INBOUND_PREFIX, routedPrefix(own)].map((prefix) => listRequest(stack, prefix)))
        .concat(listRequest(stack, undefined, {}, versions.list)),
      mend: "take the statement out of the bucket's policy",
    },
  ];
}
