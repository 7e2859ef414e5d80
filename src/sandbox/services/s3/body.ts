/**
 * A request's body, and the digest that it may have been sent with.
 */
import { createHash } from 'node:crypto';
import { AwsRefusal } from '../../operation.js';
import type { S3Request } from '../../protocols/rest-xml.js';

/** The MD5 digest of some bytes, in hexadecimal: an ETag without its quotes. */
export function md5(body: Buffer): string {
  return createHash('md5').update(body).digest('hex');
}

/**
 * A request's body, once it is what its Content-MD5 says.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList
 * @throws {AwsRefusal} InvalidDigest for a header that is no digest, BadDigest for the digest of something else
 */
export function bodyOf({ headers, body }: Pick<S3Request, 'headers' | 'body'>): Buffer {
  const given = headers['content-md5'];
  if (given === undefined) return body;
  const digest = Buffer.from(given, 'base64');
  if (digest.length !== 16 || digest.toString('base64') !== given) {
    throw new AwsRefusal('InvalidDigest', 'The Content-MD5 you specified was invalid.', 400, { 'Content-MD5': given });
  }
  if (digest.toString('hex') !== md5(body)) {
    throw new AwsRefusal('BadDigest', 'The Content-MD5 you specified did not match what we received.', 400, {
      ExpectedDigest: given,
      CalculatedDigest: Buffer.from(md5(body), 'hex').toString('base64'),
    });
  }
  return body;
}
