/**
 * Where S3 is: the part of its endpoint rules that a plain bucket needs.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
 */
import { partition } from '@aws-sdk/core/client';

/** What the SDK resolves an endpoint by; it asks for path style itself where a bucket's name can't be part of a host's. */
export interface EndpointParameters {
  Region?: string;
  Bucket?: string;
  /** Another endpoint than AWS's own. */
  Endpoint?: string;
  ForcePathStyle?: boolean;
}

/**
 * Resolves the endpoint of a call.
 *
 * @param parameters The client's and the call's; a region and a bucket are always among the function's.
 * @returns The URL that an object's key is put behind, and how to sign for it.
 */
export function resolveEndpoint({ Region = '', Bucket = '', Endpoint, ForcePathStyle }: EndpointParameters) {
  const service = new URL(Endpoint ?? `https://s3.${Region}.${partition(Region).dnsSuffix}`);
  const url = ForcePathStyle
    ? new URL(`${service.origin}/${Bucket}`)
    : new URL(`${service.protocol}//${Bucket}.${service.host}`);
  const authSchemes = [{ name: 'sigv4', signingName: 's3', signingRegion: Region, properties: {} }];
  return { url, properties: { authSchemes }, headers: {} };
}
