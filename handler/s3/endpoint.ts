/**
 * S3's endpoint: the part of the SDK's endpoint rules that a plain bucket needs.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
 */
import { partition } from '@aws-sdk/core/client';

/** The SDK's parameters. The SDK itself sets path style where a bucket's name can't be part of a host name. */
export interface EndpointParameters {
  Region?: string;
  Bucket?: string;
  /** An endpoint to use instead of AWS's. */
  Endpoint?: string;
  ForcePathStyle?: boolean;
}

/**
 * Resolves the endpoint of a call.
 *
 * @param parameters Those of the client and the call; the function's always include a region and a bucket.
 * @returns The URL before the object's key, and how to sign for it.
 */
export function resolveEndpoint({ Region = '', Bucket = '', Endpoint, ForcePathStyle }: EndpointParameters) {
  const service = new URL(Endpoint ?? `https://s3.${Region}.${partition(Region).dnsSuffix}`);
  const url = ForcePathStyle
    ? new URL(`${service.origin}/${Bucket}`)
    : new URL(`${service.protocol}//${Bucket}.${service.host}`);
  const authSchemes = [{ name: 'sigv4', signingName: 's3', signingRegion: Region, properties: {} }];
  return { url, properties: { authSchemes }, headers: {} };
}
