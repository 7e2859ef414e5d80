import t from 'tap';
import { authenticate } from '../../../src/sandbox/access/authenticate.js';
import type { ServiceName } from '../../../src/sandbox/operation.js';
import { request } from '../protocols/support.js';
import { addRole, policy, sessionOf, start } from '../support.js';

const invalid = 'The security token included in the request is invalid.';
const expired = 'The security token included in the request is expired';
const unknownJson = (status: number) => `${status} UnrecognizedClientException: ${invalid}`;
const expiredJson = (status: number) => `${status} ExpiredTokenException: ${expired}`;

const wordings: Array<[service: ServiceName, unknownKey: string, wrongToken: string, expired: string]> = [
  [
    'sts',
    `403 InvalidClientTokenId: ${invalid}`,
    `403 InvalidClientTokenId: ${invalid}`,
    `403 ExpiredToken: ${expired}`,
  ],
  [
    'iam',
    `403 InvalidClientTokenId: ${invalid}`,
    `403 InvalidClientTokenId: ${invalid}`,
    `403 ExpiredToken: ${expired}`,
  ],
  ['lambda', unknownJson(403), unknownJson(403), expiredJson(403)],
  ['accessanalyzer', unknownJson(403), unknownJson(403), expiredJson(403)],
  ['mailmanager', unknownJson(400), unknownJson(400), expiredJson(400)],
  ['events', unknownJson(400), unknownJson(400), expiredJson(400)],
  ['logs', unknownJson(400), unknownJson(400), expiredJson(400)],
  [
    's3',
    '403 InvalidAccessKeyId: The AWS Access Key Id you provided does not exist in our records.',
    '400 InvalidToken: The provided token is malformed or otherwise invalid.',
    '400 ExpiredToken: The provided token has expired.',
  ],
];

t.test('credentials', async (t) => {
  let now = 0;
  const { sandbox } = await start(t, { now: () => now });
  const { accessKeyId, sessionToken } = sessionOf(sandbox, addRole(sandbox, 'reader', policy()));
  const outcome = (service: ServiceName, key: string, token?: string) => {
    const authorization = `AWS4-HMAC-SHA256 Credential=${key}/19700101/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=0`;
    const headers: Record<string, string> = { authorization, ...(token && { 'x-amz-security-token': token }) };
    try {
      return authenticate(sandbox.state, request({ headers }), service, 'Operation').principal.arn;
    } catch (error) {
      const { status, code, message } = error as { status: number; code: string; message: string };
      return `${status} ${code}: ${message}`;
    }
  };
  for (const [service, unknownKey, wrongToken, expiredToken] of wordings) {
    await t.test(`in the wording of ${service}`, async (t) => {
      now = 0;
      t.equal(outcome(service, accessKeyId, sessionToken), 'arn:aws:sts::111122223333:assumed-role/reader/session');
      t.equal(outcome(service, sandbox.administrator.accessKeyId), 'arn:aws:iam::111122223333:user/administrator');
      t.equal(outcome(service, 'AKIANOBODY'), unknownKey);
      t.equal(outcome(service, accessKeyId), wrongToken);
      t.equal(outcome(service, accessKeyId, 'another'), wrongToken);
      t.equal(outcome(service, sandbox.administrator.accessKeyId, sessionToken), wrongToken);
      now = 3_600_000;
      t.equal(outcome(service, accessKeyId, sessionToken), expiredToken);
    });
  }
});
