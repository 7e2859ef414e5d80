/**
 * What a client that the caller passes in must have.
 */

/**
 * A client of the SDK, as far as its type matters here: `S3Client` or `STSClient` of any 3.x version, or a test double. Structural, so that
 * these declarations depend on no package.
 */
export interface SdkClient {
  send(command: never, options?: { abortSignal?: AbortSignal }): Promise<unknown>;
}
