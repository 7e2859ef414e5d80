/**
 * Reads a request's Authorization header: the service it is for and the caller.
 *
 * Signatures are not verified: a local process that reaches this loopback port could also read the secrets from memory.
 * The access key, the session token and the expiry are checked, because a deploy tool can get these wrong.
 */

import type { AccountState } from '../account/state.js';
import { AwsRefusal, type Caller, type ServiceName } from '../operation.js';
import type { WireRequest } from '../protocols/wire.js';
import { anonymous, callerOf } from './callers.js';

export interface Credential {
  accessKeyId: string;
  region: string;
  service: string;
}

/** The credential scope that a request was signed for. https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html */
export function credentialOf(request: WireRequest): Credential | undefined {
  const scope = /Credential=([^/]+)\/\d+\/([^/]+)\/([^/]+)\/aws4_request/.exec(String(request.headers.authorization));
  if (!scope) return undefined;
  const [, accessKeyId, region, service] = scope.map(String);
  return { accessKeyId: String(accessKeyId), region: String(region), service: String(service) };
}

type Problem = 'unknown key' | 'wrong token' | 'expired';

const query: Record<Problem, AwsRefusal> = {
  'unknown key': new AwsRefusal('InvalidClientTokenId', 'The security token included in the request is invalid.', 403),
  'wrong token': new AwsRefusal('InvalidClientTokenId', 'The security token included in the request is invalid.', 403),
  expired: new AwsRefusal('ExpiredToken', 'The security token included in the request is expired', 403),
};

const json = (status: number): Record<Problem, AwsRefusal> => ({
  'unknown key': new AwsRefusal(
    'UnrecognizedClientException',
    'The security token included in the request is invalid.',
    status,
  ),
  'wrong token': new AwsRefusal(
    'UnrecognizedClientException',
    'The security token included in the request is invalid.',
    status,
  ),
  expired: new AwsRefusal('ExpiredTokenException', 'The security token included in the request is expired', status),
});

/** Each service's own wording. https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html, and each API's "Common Errors" */
const refusals: Record<ServiceName, Record<Problem, AwsRefusal>> = {
  sts: query,
  iam: query,
  ses: query,
  cloudwatch: query,
  sqs: query,
  lambda: json(403),
  accessanalyzer: json(403),
  mailmanager: json(400),
  events: json(400),
  logs: json(400),
  s3: {
    'unknown key': new AwsRefusal(
      'InvalidAccessKeyId',
      'The AWS Access Key Id you provided does not exist in our records.',
      403,
    ),
    'wrong token': new AwsRefusal('InvalidToken', 'The provided token is malformed or otherwise invalid.', 400),
    expired: new AwsRefusal('ExpiredToken', 'The provided token has expired.', 400),
  },
};

/** The one operation of STS here that needs no credentials: its token takes their place. */
const unsigned = 'AssumeRoleWithWebIdentity';

/**
 * The caller of a request.
 * @param operation the operation's name
 * @throws {AwsRefusal} in the service's wording, for an unknown key, a wrong or missing session token, an expired session, and
 *   for missing credentials
 */
export function authenticate(
  state: AccountState,
  request: WireRequest,
  service: ServiceName,
  operation: string,
): Caller {
  const credential = credentialOf(request);
  if (!credential && service === 'sts' && operation !== unsigned) {
    throw new AwsRefusal('MissingAuthenticationToken', 'Request is missing Authentication Token', 403);
  }
  if (!credential) return anonymous;
  const key = state.iam.accessKeys.get(credential.accessKeyId);
  if (!key) throw refusals[service]['unknown key'];
  if (key.sessionToken !== request.headers['x-amz-security-token']) throw refusals[service]['wrong token'];
  if (key.expires && key.expires.getTime() <= state.now()) throw refusals[service].expired;
  return callerOf(state, key);
}
