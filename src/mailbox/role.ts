/**
 * The data role's credentials, in exchange for one of the broker's tokens.
 */
import type { Credentials, STSClient } from '@aws-sdk/client-sts';
import { isTransient } from './bucket.js';
import type { SdkClient } from './client.js';
import { MailboxError } from './errors.js';
import { loadSts } from './sdk.js';
import { readToken, tokenIn } from './token.js';

/** How long before they expire credentials are replaced; milliseconds. The SDK's own margin. */
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
  /** The broker's OIDC token, or its answer as JSON (`jwt`); a function, called each time, where credentials must outlast one token. */
  token: string | (() => string | Promise<string>);
  /** An `STSClient`; when left out, one with the SDK's own defaults. The call is not signed: it takes no credentials. */
  sts?: SdkClient;
  /** The clock, for tests. */
  now?: () => Date;
}

/**
 * Assumes the data role (AssumeRoleWithWebIdentity) on the first call of the provider, and again five minutes before the credentials expire.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
 *
 * @returns a provider for the `credentials` of the SDK's clients.
 * @example
 * ```ts
 * import { readFileSync } from 'node:fs';
 * import { S3Client } from '@aws-sdk/client-s3';
 * import { assumeDataRole } from 'agentkeys-ses-routing/mailbox';
 *
 * const roleArn = 'arn:aws:iam::111122223333:role/agentkeys-data-role';
 * const token = readFileSync('token.jwt', 'utf8');
 * export const s3 = new S3Client({ credentials: assumeDataRole({ roleArn, token }) });
 * ```
 * @throws {MailboxError} from the provider: INVALID_TOKEN and TOKEN_EXPIRED before anything is sent; ACCESS_DENIED, AWS_FAILED.
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
        // Credentials that are valid for some minutes yet are used until they expire.
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
  const jwt = tokenIn(typeof token === 'string' ? token : await token());
  const { wallet } = readToken(jwt, now);
  const { AssumeRoleWithWebIdentityCommand, STSClient } = await loadSts();
  const own = sts === undefined ? new STSClient({}) : undefined;
  const client = (sts ?? own) as STSClient;
  // CloudTrail and S3's access logs record a session by its name.
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
  // STS answers with credentials or an error.
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

/** Keeps nothing of the SDK's error that contains the token or the request. */
export function refusedRole(error: unknown, roleArn: string): MailboxError {
  const { name: named, code: network, $metadata } = error as Raised;
  const name = String(named).replace(/Exception$/, '');
  const other = $metadata?.httpStatusCode === undefined ? 'AWS could not be reached' : 'AWS refused it';
  const why = EXPLAINED[name] ?? (isTransient(error) ? 'try again later' : other);
  const code = name === 'AccessDenied' ? 'ACCESS_DENIED' : 'AWS_FAILED';
  return new MailboxError(code, `The role ${roleArn} could not be assumed (${network ?? name}): ${why}.`);
}
