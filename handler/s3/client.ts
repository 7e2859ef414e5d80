/**
 * An S3 client made of those parts of the SDK that a function in Lambda needs.
 *
 * The SDK's `S3Client` also has credential providers with their own clients, configuration files, S3 Express sessions, asymmetric
 * signatures, and rules for every kind of endpoint. With it, the function would be nearly three times as large and take twice as long to
 * start (docs/benchmarks.md).
 */
import { errorTypeRegistries, type ServiceInputTypes, type ServiceOutputTypes } from '@aws-sdk/client-s3';
import {
  getHostHeaderPlugin,
  getRecursionDetectionPlugin,
  getUserAgentPlugin,
  resolveHostHeaderConfig,
  resolveUserAgentConfig,
} from '@aws-sdk/core/client';
import { AwsSdkSigV4Signer, resolveAwsSdkSigV4Config } from '@aws-sdk/core/httpAuthSchemes';
import { S3RestXmlProtocol } from '@aws-sdk/middleware-sdk-s3/s3';
import {
  DefaultIdentityProviderConfig,
  getHttpAuthSchemeEndpointRuleSetPlugin,
  getHttpSigningPlugin,
} from '@smithy/core';
import { Sha256 } from '@smithy/core/checksum';
import { Client, NoOpLogger } from '@smithy/core/client';
import { resolveRegionConfig } from '@smithy/core/config';
import { resolveEndpointConfig } from '@smithy/core/endpoints';
import { getContentLengthPlugin, parseUrl } from '@smithy/core/protocols';
import { getRetryPlugin, resolveRetryConfig } from '@smithy/core/retry';
import { getSchemaSerdePlugin } from '@smithy/core/schema';
import { calculateBodyLength, fromBase64, fromUtf8, toBase64, toUtf8 } from '@smithy/core/serde';
import { NodeHttpHandler, type NodeHttpHandlerOptions, streamCollector } from '@smithy/node-http-handler';
import type {
  AwsCredentialIdentity,
  HandlerExecutionContext,
  HttpAuthSchemeParameters,
  HttpHandlerOptions,
  IdentityProviderConfig,
  UserAgent,
} from '@smithy/types';
import { resolveEndpoint } from './endpoint.js';

/** The client's options. */
export interface ClientOptions {
  region: string;
  credentials: AwsCredentialIdentity;
  /** An endpoint to use instead of AWS's; the bucket is then in the path, not in the host name. */
  endpoint?: string;
  /** The maximum number of attempts of a call. */
  maxAttempts: number;
  requestHandler: NodeHttpHandlerOptions;
}

/** The only kind of signature used: for a regional endpoint, with a symmetric key. */
const SIGV4 = 'aws.auth#sigv4';

interface AuthSchemeParameters extends HttpAuthSchemeParameters {
  region: string;
}

type Configuration = ReturnType<typeof configurationOf>;

/** Identifies the function in CloudTrail and S3's access logs. */
const USER_AGENT: UserAgent = [['agentkeys-ses-routing'], ['lang/js'], ['md/nodejs', process.versions.node]];

/**
 * The resolved configuration, with the SDK's own values, except that environment variables and files can't change them here.
 * The compiler checks that each part of the client finds what it needs.
 */
function configurationOf({ region, credentials, endpoint, maxAttempts, requestHandler }: ClientOptions) {
  const protocolSettings = {
    defaultNamespace: 'com.amazonaws.s3',
    errorTypeRegistries,
    xmlNamespace: 'http://s3.amazonaws.com/doc/2006-03-01/',
    version: '2006-03-01',
    serviceTarget: 'AmazonS3',
  };
  const configuration = {
    apiVersion: protocolSettings.version,
    serviceId: 'S3',
    runtime: 'node',
    region,
    credentials,
    ...(endpoint === undefined ? {} : { endpoint }),
    forcePathStyle: endpoint !== undefined,
    // Don't look for another endpoint in configuration files.
    ignoreConfiguredEndpointUrls: true,
    useFipsEndpoint: false,
    useDualstackEndpoint: false,
    endpointProvider: resolveEndpoint,
    maxAttempts,
    retryMode: 'standard',
    requestHandler: new NodeHttpHandler(requestHandler),
    logger: new NoOpLogger(),
    protocol: new S3RestXmlProtocol(protocolSettings),
    protocolSettings,
    disableHostPrefix: false,
    defaultUserAgentProvider: async () => USER_AGENT,
    httpAuthSchemes: [
      {
        schemeId: SIGV4,
        identityProvider: (providers: IdentityProviderConfig) => providers.getIdentityProvider(SIGV4),
        signer: new AwsSdkSigV4Signer(),
      },
    ],
    httpAuthSchemeProvider: (parameters: AuthSchemeParameters) => [
      {
        schemeId: SIGV4,
        signingProperties: { name: 's3', region: parameters.region },
        propertiesExtractor: (config: object, context: HandlerExecutionContext) => ({
          signingProperties: { config, context },
        }),
      },
    ],
    defaultSigningName: 's3',
    signingEscapePath: false,
    // The SDK would read a configuration file. A wrong clock is corrected by S3's response.
    disableClockSkewCorrection: false,
    sha256: Sha256,
    // The function's calls require no checksums; what it reads is protected by TLS and decides only about copies.
    requestChecksumCalculation: async () => 'WHEN_REQUIRED',
    responseChecksumValidation: async () => 'WHEN_REQUIRED',
    base64Decoder: fromBase64,
    base64Encoder: toBase64,
    utf8Decoder: fromUtf8,
    utf8Encoder: toUtf8,
    bodyLengthChecker: calculateBodyLength,
    streamCollector,
    urlParser: parseUrl,
  };
  return resolveAwsSdkSigV4Config(
    resolveEndpointConfig(
      resolveHostHeaderConfig(resolveRegionConfig(resolveRetryConfig(resolveUserAgentConfig(configuration)))),
    ),
  );
}

/**
 * Creates the client. Nothing is sent.
 *
 * It lacks these parts of the SDK's client: credential providers, a check of the bucket's name, `Expect: 100-continue`, redirects to
 * another region, S3 Express, and logging of each call.
 */
export class TrimmedClient extends Client<HttpHandlerOptions, ServiceInputTypes, ServiceOutputTypes, Configuration> {
  constructor(options: ClientOptions) {
    const configuration = configurationOf(options);
    super(configuration);
    this.middlewareStack.use(getSchemaSerdePlugin(configuration));
    this.middlewareStack.use(getUserAgentPlugin(configuration));
    this.middlewareStack.use(getRetryPlugin(configuration));
    this.middlewareStack.use(getContentLengthPlugin(configuration));
    this.middlewareStack.use(getHostHeaderPlugin(configuration));
    this.middlewareStack.use(getRecursionDetectionPlugin(configuration));
    this.middlewareStack.use(
      getHttpAuthSchemeEndpointRuleSetPlugin(configuration, {
        httpAuthSchemeParametersProvider: async ({ region }) => ({ region: await region() }),
        identityProviderConfigProvider: async ({ credentials }) =>
          new DefaultIdentityProviderConfig({ [SIGV4]: credentials }),
      }),
    );
    this.middlewareStack.use(getHttpSigningPlugin(configuration));
  }
}
