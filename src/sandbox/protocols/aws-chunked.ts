/**
 * S3's own framing of a body sent in pieces, each with its length, with checksums after the last one.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
 */
import type { WireRequest } from './wire.js';

/** A request's body without that framing. The pieces' signatures and the checksums that follow them are not verified. */
export function awsChunked(request: Pick<WireRequest, 'headers' | 'body'>): Buffer {
  if (!request.headers['x-amz-content-sha256']?.startsWith('STREAMING-')) return request.body;
  const pieces: Buffer[] = [];
  let position = 0;
  for (;;) {
    const end = request.body.indexOf('\r\n', position);
    // `400;chunk-signature=…`
    const length = Number.parseInt(request.body.toString('latin1', position, end), 16);
    if (!(length > 0)) return Buffer.concat(pieces);
    pieces.push(request.body.subarray(end + 2, end + 2 + length));
    position = end + 2 + length + 2;
  }
}
