/**
 * What is asked of a client that is handed in.
 */

/**
 * A client of the SDK, as far as its type matters here: `S3Client` or `STSClient` of any 3.x version. Structural, so that these
 * declarations need no package beside them.
 */
export interface SdkClient {
  send(command: never, options?: { abortSignal?: AbortSignal }): Promise<unknown>;
}
