/**
 * A live session: what an agent's own token can and cannot access, by trying.
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
import { type Check, fail, ok, skip } from '../check.js';
import { withoutSlash } from '../isolation/expectations.js';
import { newProbe, type ProbeObjects } from './cleanup.js';

const assumes = 'the token can assume the data role';
const lowerCase = 'its wallet is in lower case';
const own = "it reads its own wallet's mail";

/**
 * @param token the OIDC token; it is never printed.
 * @throws the SDK's errors, except a rejected token and access denials.
 */
export async function sessionChecks(
  token: string,
  scope: Scope,
  objects: ProbeObjects,
  connect: (access: Access) => Aws,
): Promise<Check[]> {
  const { settings, identity, names } = scope;
  let tag: unknown;
  try {
    tag = walletTagOf(token);
  } catch (error) {
    const { message } = error as MailboxError;
    return [fail(assumes, message, 'check the file: --web-identity-token-file')];
  }
  const wallet = walletCheck(tag);
  const opened = await open(token, scope).catch((error) => {
    const status = statusOf(error);
    if (status === undefined || status >= 500) throw error;
    const fix = `get a fresh token; check that ${names.dataRoleArn} trusts its issuer and lets it tag the session (sts:TagSession)`;
    // Not the explanation for the operator's own credentials.
    return fail(assumes, refusedRole(error, names.dataRoleArn).message, fix);
  });
  if ('outcome' in opened) return [opened, wallet];

  const { id, wallet: other } = newProbe();
  const session = connect({ ...settings, region: identity.region, credentials: opened });
  try {
    const tries = { s3: session.s3, objects, scope };
    // Mail is in the wallet's inbound/, which a policy may allow by itself.
    const theirs = { folder: routedPrefix(other), alsoListed: [WALLETS_PREFIX, withoutSlash(WALLETS_PREFIX), ''] };
    const inbound = { folder: INBOUND_PREFIX, alsoListed: [withoutSlash(INBOUND_PREFIX)] };
    return [
      ok(assumes),
      wallet,
      wallet.outcome === 'OK'
        ? await may(own, { folder: routedPrefix(String(tag)), alsoListed: [] }, id, tries)
        : skip(own, 'the token has no valid wallet'),
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
    return fail(
      lowerCase,
      'the token sets no wallet tag',
      'have the broker sign tokens with the principal tag agentkeys_user_wallet',
    );
  const lower = readWallet(tag);
  if (lower === undefined)
    return fail(
      lowerCase,
      'it is not 0x and 40 hexadecimal digits',
      'have the broker put the wallet itself into its tokens',
    );
  if (lower === tag) return ok(lowerCase);
  return fail(
    lowerCase,
    'it has capital letters. Policies compare tags case-sensitively, and mail is routed to the wallet in lower case: this session finds no mail',
    'have the broker put the wallet into its tokens in lower case',
  );
}

/** The folder to read. */
interface Where {
  /** Where the probe object is put. */
  folder: string;
  /** Shorter prefixes, whose listings show the folder too: a policy may forbid one and allow the other. */
  alsoListed: string[];
}

/** What the attempts need. */
interface Tries {
  /** The session's client. */
  s3: S3Client;
  objects: ProbeObjects;
  scope: Scope;
}

async function may(name: string, where: Where, id: string, tries: Tries): Promise<Check> {
  // In a subfolder, so that an agent that waits for mail does not take it for a message.
  const { list, read } = await allowed(where, `${id}/session`, tries);
  const denied = [...(list.length === 0 ? ['list'] : []), ...(read ? [] : ['read'])];
  const fix = 'the bucket policy must allow it, and nothing may deny it: see the checks of the policies';
  return denied.length === 0 ? ok(name) : fail(name, `AWS denied it to ${denied.join(' and to ')}`, fix);
}

async function mayNot(name: string, where: Where, id: string, tries: Tries): Promise<Check> {
  const { list, read } = await allowed(where, id, tries);
  const granted = [
    ...list.map((prefix) => `list ${prefix === '' ? 'the whole bucket' : prefix}`),
    ...(read ? ['read'] : []),
  ];
  const fix = 'remove what allows it from the bucket policy or from the role: see the checks of the policies';
  return granted.length === 0 ? ok(name) : fail(name, `AWS allowed it to ${granted.join(' and ')}`, fix);
}

/** Puts an object there as the operator and tries to read it: for a missing object S3 may answer 403 even if reading is allowed. */
async function allowed(
  { folder, alsoListed }: Where,
  id: string,
  { s3, objects, scope: { names, identity } }: Tries,
): Promise<{ list: string[]; read: boolean }> {
  const Key = `${folder}${id}`;
  await objects.put(Key, Buffer.from('agentkeys-ses-routing verify: a probe object\r\n'));
  const bucket = { Bucket: names.bucket, ExpectedBucketOwner: identity.account };
  const prefixes = [folder, ...alsoListed];
  const list = (Prefix: string) => s3.send(new ListObjectsV2Command({ ...bucket, Prefix, MaxKeys: 1 }));
  const [read, ...listed] = await Promise.all(
    [s3.send(new GetObjectCommand({ ...bucket, Key })), ...prefixes.map(list)].map(isAllowed),
  );
  return { list: prefixes.filter((_, index) => listed[index]), read: read === true };
}

/** @throws any error but an access denial. */
async function isAllowed(call: Promise<unknown>): Promise<boolean> {
  try {
    await call;
    return true;
  } catch (error) {
    if (statusOf(error) === 403) return false;
    throw error;
  }
}
