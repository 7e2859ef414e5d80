/**
 * handler/client.ts with the SDK's own client: the bench bundles the function with it for comparison.
 */
import { S3Client } from '@aws-sdk/client-s3';

export function clientFromEnvironment(environment: Record<string, string | undefined>): S3Client {
  return new S3Client({
    forcePathStyle: Boolean(environment.AWS_ENDPOINT_URL),
    maxAttempts: 3,
    requestHandler: {
      connectionTimeout: 1_000,
      requestTimeout: 5_000,
      throwOnRequestTimeout: true,
      socketTimeout: 5_000,
    },
  });
}
