/**
 * What each principal must be able to do with the mail, as requests; and requests to compare the evaluators by.
 */
import { INBOUND_PREFIX, routedPrefix, WALLETS_PREFIX } from '../../../../handler/mail/address.js';
import { CREDENTIALS_FOLDER } from '../../../agentkeys/names.js';
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

/** Requests that must all be allowed. */
export interface Expectation {
  name: string;
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

/** A listing by this prefix shows the folder too, and a policy may forbid one and allow the other. */
export function withoutSlash(prefix: string): string {
  return prefix.slice(0, -1);
}

const routedMessage = (wallet: string) => `${routedPrefix(wallet)}message`;

export function ofBroker(stack: StackContext): Expectation[] {
  return [
    {
      name: 'lists and reads inbound/',
      requests: [listRequest(stack, INBOUND_PREFIX), object(stack, 'GetObject', inboundMessage)],
      fix: redeploy,
    },
  ];
}

/** Requests of the broker's that are interesting for a comparison, whatever the answer. */
export function comparedForBroker(stack: StackContext): Request[] {
  return [
    object(stack, 'GetObject', routedMessage(own)),
    object(stack, 'GetObjectVersion', routedMessage(own)),
    object(stack, 'GetObject', 'elsewhere/file'),
    object(stack, 'PutObject', inboundMessage),
    listRequest(stack, undefined),
    listRequest(stack, routedPrefix(own)),
  ];
}

export function ofAgents(stack: StackContext): Expectation[] {
  const mine = { [walletTag]: own };
  const fix = `add the statements that \`${ownCommand('deploy --dry-run')}\` prints to the bucket policy`;
  const secrets = `${WALLETS_PREFIX}${own}/${CREDENTIALS_FOLDER}`;
  const vault: Expectation = {
    name: "lists, reads, stores and deletes its own wallet's secrets",
    requests: [
      listRequest(stack, secrets, mine),
      ...['GetObject', 'PutObject', 'DeleteObject'].map((action) => object(stack, action, `${secrets}name`, mine)),
    ],
    fix,
  };
  return [
    {
      name: "lists and reads its own wallet's mail",
      requests: [listRequest(stack, routedPrefix(own), mine), object(stack, 'GetObject', routedMessage(own), mine)],
      fix,
    },
    ...(stack.settings.vault ? [vault] : []),
  ];
}

/** Requests of agents' that are interesting for a comparison, whatever the answer. */
export function comparedForAgents(stack: StackContext): Request[] {
  const mine = { [walletTag]: own };
  return [
    object(stack, 'GetObject', routedMessage(other), mine),
    object(stack, 'GetObject', inboundMessage, mine),
    object(stack, 'PutObject', inboundMessage, mine),
    object(stack, 'GetObject', routedMessage(own)),
    listRequest(stack, routedPrefix(other), mine),
    listRequest(stack, undefined, mine),
  ];
}

export function ofFunction(stack: StackContext): Expectation[] {
  return [
    {
      name: 'lists and reads inbound/, and writes routed copies',
      requests: [
        listRequest(stack, inboundMessage),
        object(stack, 'GetObject', inboundMessage),
        object(stack, 'PutObject', routedMessage(own)),
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
      requests: [object(stack, 'PutObject', inboundMessage, context)],
      fix: 'allow ses.amazonaws.com to put objects under inbound/ in the bucket policy: https://docs.aws.amazon.com/ses/latest/dg/receiving-email-permissions.html',
    },
  ];
}
