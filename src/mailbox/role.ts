/**
 * The data role's credentials, for a token of the broker's.
 */
import type { Credentials, STSClient } from '@aws-sdk/client-sts';
import { isTransient } from './bucket.js';
import type { SdkClient } from './client.js';
import { MailboxError } from './errors.js';
import { loadSts } from './sdk.js';
import { readToken } from './token.js';

/** How long before their end credentials are replaced; milliseconds. The SDK's own margin. */
const MARGIN = 300_000;

/** Credentials as the SDK's clients take them. */
export interface DataRoleCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
  expiration: Date;
}

export interface AssumeDataRoleOptions {
  /** The ARN of the role that agents assume. */
  roleArn: string;
  /** The broker's OIDC token; a function, asked each time, where credentials are to outlast one token. */
  token: string | (() => string | Promise<string>);
  /** An `STSClient`; when left out, one with the SDK's own defaults. The call is not signed: it takes no credentials. */
  sts?: SdkClient;
  /** The clock, for tests. */
  now?: () => Date;
}

/**
 * Assumes the data role (AssumeRoleWithWebIdentity) when it is first asked, and again five minutes before the credentials end.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
 *
 * @returns what the SDK's clients take as `credentials`.
 * @throws {MailboxError} from what is returned: INVALID_TOKEN and TOKEN_EXPIRED before anything is sent; ACCESS_DENIED, AWS_FAILED.
 */
export function assumeDataRole(options: AssumeDataRoleOptions): () => Promise<DataRoleCredentials> {
  const { now = () => new Date() } = options;
  let current: DataRoleCredentials | undefined;
  let asked: Promise<DataRoleCredentials> | undefined;

  const good = (margin: number) =>
    current !== undefined && current.expiration.getTime() - now().getTime() > margin ? current : undefined;
  const renew = () =>
    assume(options, now())
      .then((assumed) => {
        current = assumed;
        return assumed;
      })
      .catch((error) => {
        // What is good for some minutes yet is given until its end.
        const last = good(0);
        if (last === undefined) throw error;
        return last;
      })
      .finally(() => {
        asked = undefined;
      });
  return async () => {
    const still = good(MARGIN);
    if (still !== undefined) return still;
    asked ??= renew();
    return asked;
  };
}

async function assume({ roleArn, token, sts }: AssumeDataRoleOptions, now: Date): Promise<DataRoleCredentials> {
  const jwt = (typeof token === 'string' ? token : await token()).trim();
  const { wallet } = readToken(jwt, now);
  const { AssumeRoleWithWebIdentityCommand, STSClient } = await loadSts();
  const own = sts === undefined ? new STSClient({}) : undefined;
  const client = (sts ?? own) as STSClient;
  // Its name is what CloudTrail and S3's access logs tell of a session.
  const command = new AssumeRoleWithWebIdentityCommand({
    RoleArn: roleArn,
    RoleSessionName: wallet,
    WebIdentityToken: jwt,
  });
  const { Credentials } = await client
    .send(command)
    .catch((error) => {
      throw refusedRole(error, roleArn);
    })
    .finally(() => own?.destroy());
  // STS answers with credentials, or with an error.
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = Credentials as Credentials;
  return {
    accessKeyId: String(AccessKeyId),
    secretAccessKey: String(SecretAccessKey),
    sessionToken: String(SessionToken),
    expiration: new Date(Number(Expiration)),
  };
}

const EXPLAINED: Record<string, string> = {
  AccessDenied:
    "its trust policy must let the token's issuer and audience do sts:AssumeRoleWithWebIdentity and sts:TagSession",
  InvalidIdentityToken: "the account's identity provider must be the token's issuer, with its audience",
  ExpiredToken: 'the token has expired; ask the broker for another',
  IDPCommunicationError: "AWS could not reach the token's issuer; try again later",
};

interface Raised {
  name?: unknown;
  code?: string;
  $metadata?: { httpStatusCode?: number };
}

/** Neither the token nor the request that holds it is among what is kept of the SDK's error. */
export function refusedRole(error: unknown, roleArn: string): MailboxError {
  const { name: named, code: network, $metadata } = error as Raised;
  const name = String(named).replace(/Exception$/, '');
  const other = $metadata?.httpStatusCode === undefined ? 'AWS could not be asked' : 'AWS refused it';
  const why = EXPLAINED[name] ?? (isTransient(error) ? 'try again later' : other);
  const code = name === 'AccessDenied' ? 'ACCESS_DENIED' : 'AWS_FAILED';
  return new MailboxError(code, `The role ${roleArn} could not be assumed (${network ?? name}): ${why}.`);
}
