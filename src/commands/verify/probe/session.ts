/**
 * A live session: what an agent's own token opens, and what it does not, by trying.
 */
import { GetObjectCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { AssumeRoleWithWebIdentityCommand } from '@aws-sdk/client-sts';
import { INBOUND_PREFIX, routedPrefix, WALLETS_PREFIX } from '../../../../handler/mail/address.js';
import { readWallet } from '../../../agentkeys/wallet.js';
import type { Access, Aws } from '../../../aws/clients.js';
import { statusOf } from '../../../aws/errors.js';
import type { MailboxError } from '../../../mailbox/errors.js';
import { refusedRole } from '../../../mailbox/role.js';
import { walletTagOf } from '../../../mailbox/token.js';
import type { Scope } from '../../../stack/scope.js';
import { type Check, ng, ok, skip } from '../check.js';
import { withoutSlash } from '../isolation/expectations.js';
import { newProbe, type Traces } from './cleanup.js';

const opens = 'the token opens the role that agents assume';
const lowerCase = 'its wallet is in lower case';
const own = "it reads its own wallet's mail";

/**
 * @param token the OIDC token; nothing of it is shown.
 * @throws the SDK's errors, but for a refusal of the token and for denials.
 */
export async function sessionChecks(
  token: string,
  scope: Scope,
  traces: Traces,
  connect: (access: Access) => Aws,
): Promise<Check[]> {
  const { settings, identity, names } = scope;
  let tag: unknown;
  try {
    tag = walletTagOf(token);
  } catch (error) {
    const { message } = error as MailboxError;
    return [ng(opens, message, 'check the file: --web-identity-token-file')];
  }
  const wallet = walletCheck(tag);
  const opened = await open(token, scope).catch((error) => {
    const status = statusOf(error);
    if (status === undefined || status >= 500) throw error;
    const mend = `get a fresh token; check that ${names.dataRoleArn} trusts its issuer and lets it tag the session (sts:TagSession)`;
    // Not as a refusal of the operator's own credentials is explained.
    return ng(opens, refusedRole(error, names.dataRoleArn).message, mend);
  });
  if ('outcome' in opened) return [opened, wallet];

  const { id, wallet: other } = newProbe();
  const session = connect({ ...settings, region: identity.region, credentials: opened });
  try {
    const tries = { s3: session.s3, traces, scope };
    // Mail lies in the wallet's inbound/, which a policy may open by itself.
    const theirs = { folder: routedPrefix(other), alsoListed: [WALLETS_PREFIX, withoutSlash(WALLETS_PREFIX), ''] };
    const inbound = { folder: INBOUND_PREFIX, alsoListed: [withoutSlash(INBOUND_PREFIX)] };
    return [
      ok(opens),
      wallet,
      wallet.outcome === 'OK'
        ? await may(own, { folder: routedPrefix(String(tag)), alsoListed: [] }, id, tries)
        : skip(own, 'it has no wallet of the right form'),
      await mayNot("it does not read another wallet's mail", theirs, id, tries),
      await mayNot('it does not read inbound/', inbound, `${id}-session`, tries),
    ];
  } finally {
    session.close();
  }
}

/** @throws the SDK's errors. */
async function open(token: string, { aws, names }: Scope): Promise<NonNullable<Access['credentials']>> {
  const { Credentials } = await aws.sts.send(
    new AssumeRoleWithWebIdentityCommand({
      RoleArn: names.dataRoleArn,
      RoleSessionName: 'agentkeys-ses-routing-verify',
      WebIdentityToken: token,
      DurationSeconds: 900,
    }),
  );
  const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = { ...Credentials };
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
}

function walletCheck(tag: unknown): Check {
  if (typeof tag !== 'string')
    return ng(
      lowerCase,
      'the token tags its session with no wallet',
      'have the broker sign tokens with the principal tag agentkeys_user_wallet',
    );
  const lower = readWallet(tag);
  if (lower === undefined)
    return ng(
      lowerCase,
      'it is not 0x and 40 hexadecimal digits',
      'have the broker put the wallet itself into its tokens',
    );
  if (lower === tag) return ok(lowerCase);
  return ng(
    lowerCase,
    'it has capital letters. Policies compare tags case-sensitively, and mail is routed to the wallet in lower case: this session never finds any',
    'have the broker put the wallet into its tokens in lower case',
  );
}

/** Where reading is tried. */
interface Where {
  /** Where an object is put. */
  folder: string;
  /** Shorter prefixes, by which listing tells of the folder too: a policy may forbid one and allow the other. */
  alsoListed: string[];
}

/** What a session's reading is tried with. */
interface Tries {
  /** The session's client. */
  s3: S3Client;
  traces: Traces;
  scope: Scope;
}

async function may(name: string, where: Where, id: string, tries: Tries): Promise<Check> {
  // Below the folder's messages: whoever waits for the wallet's mail meanwhile does not take it for one.
  const { list, read } = await allowed(where, `${id}/session`, tries);
  const denied = [...(list.length === 0 ? ['list'] : []), ...(read ? [] : ['read'])];
  const mend = "the bucket's policy must let it, and nothing may deny it: see the checks by the policies";
  return denied.length === 0 ? ok(name) : ng(name, `AWS denied it to ${denied.join(' and to ')}`, mend);
}

async function mayNot(name: string, where: Where, id: string, tries: Tries): Promise<Check> {
  const { list, read } = await allowed(where, id, tries);
  const told = [
    ...list.map((prefix) => `list ${prefix === '' ? 'the whole bucket' : prefix}`),
    ...(read ? ['read'] : []),
  ];
  const mend = "take what allows it out of the bucket's policy or the role's: see the checks by the policies";
  return told.length === 0 ? ok(name) : ng(name, `AWS let it ${told.join(' and ')}`, mend);
}

/** Puts an object there, as the operator, and tries: of one that is not there S3 says the same to those who may and those who may not. */
async function allowed(
  { folder, alsoListed }: Where,
  id: string,
  { s3, traces, scope: { names, identity } }: Tries,
): Promise<{ list: string[]; read: boolean }> {
  const Key = `${folder}${id}`;
  await traces.put(Key, Buffer.from('agentkeys-ses-routing verify: deleted again\r\n'));
  const bucket = { Bucket: names.bucket, ExpectedBucketOwner: identity.account };
  const prefixes = [folder, ...alsoListed];
  const list = (Prefix: string) => s3.send(new ListObjectsV2Command({ ...bucket, Prefix, MaxKeys: 1 }));
  const [read, ...listed] = await Promise.all(
    [s3.send(new GetObjectCommand({ ...bucket, Key })), ...prefixes.map(list)].map(isAllowed),
  );
  return { list: prefixes.filter((_, index) => listed[index]), read: read === true };
}

/** @throws whatever is no denial. */
async function isAllowed(call: Promise<unknown>): Promise<boolean> {
  try {
    await call;
    return true;
  } catch (error) {
    if (statusOf(error) === 403) return false;
    throw error;
  }
}
