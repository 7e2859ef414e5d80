/**
 * The function's S3 client, from the environment that Lambda gives it.
 *
 * Everything else that the SDK's client would look up (profiles, configuration files, metadata services) is not asked.
 */
import type { S3Client } from '@aws-sdk/client-s3';
import { TrimmedClient } from './s3/client.js';
import { SettingsError } from './settings.js';

/**
 * How often a call is sent: the SDK tries again, with back-off, after throttling, 5xx answers, broken connections and the
 * time-outs below. https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
 */
const MAX_ATTEMPTS = 3;

/** Until a connection is there; milliseconds. Within a region that takes a few: one that hangs is better begun anew. */
const CONNECTION_TIMEOUT = 1_000;

/**
 * Until an answer begins, and then for each silence within it; milliseconds. S3 answers a read in tens of them and copies the largest
 * message SES takes (40 MB) in a second or two. Three attempts of a call that hangs take 16 s of the 30 that the function has.
 */
const ANSWER_TIMEOUT = 5_000;

/** What Lambda sets for every function. https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html */
const SET_BY_LAMBDA = ['AWS_REGION', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'] as const;

/**
 * Makes the client. Nothing is sent.
 *
 * @param environment Usually `process.env`: the region and the execution role's credentials, as Lambda sets them; and
 *   AWS_ENDPOINT_URL, when S3 is not AWS's own.
 * @throws {SettingsError} naming every variable of Lambda's that is missing.
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
      // Without it a call that takes too long is only warned about.
      throwOnRequestTimeout: true,
      // The request's time-out ends when the answer's head is there; this one minds its body.
      socketTimeout: ANSWER_TIMEOUT,
    },
  });
  // The handler calls nothing of it but `send`.
  return client as S3Client;
}
