/**
 * What each principal must and must not be able to do with the mail, as requests.
 */
import { INBOUND_PREFIX, routedPrefix, WALLETS_PREFIX } from '../../../../handler/mail/address.js';
import { ownCommand } from '../../../aws/own-command.js';
import { walletTag } from '../../../stack/resources/bucket/policy.js';
import type { StackContext } from '../../../stack/scope.js';

/** An S3 request. */
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
  /** How to fix a violation. */
  fix: string;
}

/** Two sample wallets. */
const [own, other] = [`0x${'1'.repeat(40)}`, `0x${'2'.repeat(40)}`] as const;

const inboundMessage = `${INBOUND_PREFIX}message`;

const redeploy = ownCommand('deploy');

function object(stack: Pick<StackContext, 'names'>, action: string, key: string, context = {}): Request {
  return { action: `s3:${action}`, resource: `${stack.names.bucketArn}/${key}`, context };
}

/** A listing; without a prefix, of the whole bucket. */
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
 * The prefixes that list everything, or every wallet. To a policy, an empty prefix differs from none, and AWS's own example for
 * home folders allows it: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_s3_home-directory-console.html
 */
const everything = [undefined, '', WALLETS_PREFIX, withoutSlash(WALLETS_PREFIX)];

/** A listing by this prefix shows the folder too, and a policy may forbid one and allow the other. */
export function withoutSlash(prefix: string): string {
  return prefix.slice(0, -1);
}

/** In a versioned bucket this lists the keys too, and reading an object by its version is another action. */
const versions = { list: 'ListBucketVersions', reads: ['GetObject', 'GetObjectVersion'] };

export function ofBroker(stack: StackContext): Expectation[] {
  const routed = [own, other].map((wallet) => `${routedPrefix(wallet)}message`);
  const reads = ['GetObject', 'GetObjectVersion', 'GetObjectAttributes', 'GetObjectTagging'];
  const narrow = `${redeploy} --remove-broad-grants; change what that leaves by hand: the plan names the statement`;
  return [
    {
      name: 'lists and reads inbound/',
      allowed: true,
      requests: [listRequest(stack, INBOUND_PREFIX), object(stack, 'GetObject', inboundMessage)],
      fix: redeploy,
    },
    {
      name: 'does not read routed mail',
      allowed: false,
      requests: routed.flatMap((key) => reads.map((action) => object(stack, action, key))),
      fix: redeploy,
    },
    {
      name: 'reads nothing else in the bucket',
      allowed: false,
      requests: [
        ...[...everything, routedPrefix(own)].map((prefix) => listRequest(stack, prefix)),
        listRequest(stack, undefined, {}, versions.list),
        ...[`${WALLETS_PREFIX}${own}/file`, 'elsewhere/file'].flatMap((key) =>
          versions.reads.map((action) => object(stack, action, key)),
        ),
      ],
      fix: narrow,
    },
  ];
}

export function ofAgents(stack: StackContext): Expectation[] {
  const mine = { [walletTag]: own };
  const fix =
    'remove what allows it from the bucket policy or from the role; `deploy --dry-run` prints the statements that an agent needs';
  return [
    {
      name: "lists and reads its own wallet's mail",
      allowed: true,
      requests: [
        listRequest(stack, routedPrefix(own), mine),
        object(stack, 'GetObject', `${routedPrefix(own)}message`, mine),
      ],
      fix: `add the statements that \`${ownCommand('deploy --dry-run')}\` prints to the bucket policy`,
    },
    {
      name: "does not read another wallet's mail",
      allowed: false,
      requests: [
        ...versions.reads.map((action) => object(stack, action, `${routedPrefix(other)}message`, mine)),
        ...[routedPrefix(other), ...everything].map((prefix) => listRequest(stack, prefix, mine)),
        ...[routedPrefix(other), undefined].map((prefix) => listRequest(stack, prefix, mine, versions.list)),
      ],
      fix,
    },
    {
      name: 'does not read inbound/',
      allowed: false,
      requests: [
        ...versions.reads.map((action) => object(stack, action, inboundMessage, mine)),
        ...[INBOUND_PREFIX, withoutSlash(INBOUND_PREFIX)].map((prefix) => listRequest(stack, prefix, mine)),
        listRequest(stack, INBOUND_PREFIX, mine, versions.list),
      ],
      fix,
    },
    {
      name: "writes nothing to inbound/ or to another wallet's mail",
      allowed: false,
      requests: [inboundMessage, `${routedPrefix(other)}message`].flatMap((key) =>
        ['PutObject', 'DeleteObject', 'DeleteObjectVersion'].map((action) => object(stack, action, key, mine)),
      ),
      fix,
    },
    {
      name: 'reads nothing without a wallet',
      allowed: false,
      requests: [object(stack, 'GetObject', `${routedPrefix(own)}message`), listRequest(stack, routedPrefix(own))],
      fix,
    },
  ];
}

export function ofFunction(stack: StackContext): Expectation[] {
  return [
    {
      name: 'lists and reads inbound/, and writes routed copies',
      allowed: true,
      requests: [
        listRequest(stack, inboundMessage),
        object(stack, 'GetObject', inboundMessage),
        object(stack, 'PutObject', `${routedPrefix(own)}message`),
      ],
      fix: `${redeploy}; if the bucket policy denies it, change that statement`,
    },
  ];
}

/** @param ruleArn the receipt rule that stores the mail, if it is known. */
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
      requests: [object(stack, 'PutObject', inboundMessage, context)],
      fix: 'allow ses.amazonaws.com to put objects under inbound/ in the bucket policy: https://docs.aws.amazon.com/ses/latest/dg/receiving-email-permissions.html',
    },
  ];
}

export function ofAnybody(stack: StackContext): Expectation[] {
  return [
    {
      name: 'the bucket policy grants nothing to anonymous requests',
      allowed: false,
      requests: [inboundMessage, `${routedPrefix(own)}message`]
        .flatMap((key) => [...versions.reads, 'PutObject', 'DeleteObject'].map((action) => object(stack, action, key)))
        .concat([...everything, INBOUND_PREFIX, routedPrefix(own)].map((prefix) => listRequest(stack, prefix)))
        .concat(listRequest(stack, undefined, {}, versions.list)),
      fix: 'remove the statement from the bucket policy',
    },
  ];
}
