/**
 * Checks a signature as S3 does, since the embedded AWS does not.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 */
import { createHash, createHmac } from 'node:crypto';

/** A request as it came over the wire. */
export interface Received {
  method: string;
  /** The path and the query, encoded as they were sent. */
  url: string;
  /** By their names in lower case. */
  headers: Record<string, string>;
  body: string;
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();

/** @returns What the `Authorization` header of a request must be, given the secret key that goes with its access key. */
export function authorizationOf({ method, url, headers, body }: Received, secretAccessKey: string): string {
  const authorization = /^AWS4-HMAC-SHA256 Credential=([^,]+), SignedHeaders=([^,]+), Signature=/.exec(
    String(headers.authorization),
  );
  const [, credential = '', signedHeaders = ''] = authorization ?? [];
  const [, ...scope] = credential.split('/');
  const [path = '', query = ''] = url.split('?');
  const canonicalRequest = [
    method,
    path,
    query.split('&').sort().join('&'),
    ...signedHeaders.split(';').map((name) => `${name}:${String(headers[name]).trim().replace(/ +/g, ' ')}`),
    '',
    signedHeaders,
    sha256(body),
  ].join('\n');
  const text = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope.join('/'), sha256(canonicalRequest)].join('\n');
  const key = scope.reduce<string | Buffer>(hmac, `AWS4${secretAccessKey}`);
  const signature = hmac(key, text).toString('hex');
  return `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${signedHeaders}, Signature=${signature}`;
}
