/**
 * The function's S3 client, from Lambda's environment variables.
 *
 * Profiles, configuration files and metadata services, which the SDK's own client would read, are not used.
 */
import type { S3Client } from '@aws-sdk/client-s3';
import { TrimmedClient } from './s3/client.js';
import { SettingsError } from './settings.js';

/**
 * How often a call is sent: the SDK retries, with back-off, after throttling, 5xx responses, broken connections and the
 * time-outs below. https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
 */
const MAX_ATTEMPTS = 3;

/** Until a connection is established; milliseconds. Within a region this takes a few: it is better to retry one that hangs. */
const CONNECTION_TIMEOUT = 1_000;

/**
 * Until a response begins, and for each pause within it; milliseconds. S3 answers a read in tens of them and copies the largest message
 * that SES accepts (40 MB) in a second or two. Three attempts of a call that hangs take 16 s of the 30 that the function has.
 */
const ANSWER_TIMEOUT = 5_000;

/** The variables that Lambda sets for every function. https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html */
const SET_BY_LAMBDA = ['AWS_REGION', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'] as const;

/**
 * Creates the client. Nothing is sent.
 *
 * @param environment Usually `process.env`: the region and the execution role's credentials, as Lambda sets them; and
 *   AWS_ENDPOINT_URL, when S3 is not AWS's own.
 * @throws {SettingsError} naming every variable that is missing.
 */
export function clientFromEnvironment(environment: Record<string, string | undefined>): S3Client {
  const [region, accessKeyId, secretAccessKey, sessionToken] = SET_BY_LAMBDA.map((name) => environment[name] ?? '');
  if (!region || !accessKeyId || !secretAccessKey || !sessionToken) {
    const missing = SET_BY_LAMBDA.filter((name) => !environment[name]);
    throw new SettingsError(missing.map((name) => `${name} must be there, as Lambda sets it`));
  }
  const endpoint = environment.AWS_ENDPOINT_URL;
  const client: Pick<S3Client, 'send'> = new TrimmedClient({
    region,
    credentials: { accessKeyId, secretAccessKey, sessionToken },
    ...(endpoint ? { endpoint } : {}),
    maxAttempts: MAX_ATTEMPTS,
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT,
      requestTimeout: ANSWER_TIMEOUT,
      // Without it, a call that takes too long only causes a warning.
      throwOnRequestTimeout: true,
      // The request's time-out ends with the response's header; this one covers the body.
      socketTimeout: ANSWER_TIMEOUT,
    },
  });
  // The handler only calls `send`.
  return client as S3Client;
}
