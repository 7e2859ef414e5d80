/**
 * The endpoints that the environment and the AWS configuration file name for services.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
 */
import { OperatorError } from './error-facts.js';
import { profileName, readProfiles, settingOf } from './profiles.js';

export interface ConfiguredEndpoints {
  profile?: string | undefined;
  /** The value of AWS_ENDPOINT_URL, if it is not the process's. It comes after the variable of a service. */
  endpointUrl?: string | undefined;
}

/**
 * The endpoint of a service; undefined for AWS's own. The SDK finds the same by itself, but not in the profile that a client is given.
 *
 * @param serviceId the SDK's name of the service: `CloudWatch Logs`.
 * @throws OperatorError when the profile names a section of services that does not exist.
 */
export async function configuredEndpoint(
  serviceId: string,
  { profile, endpointUrl }: ConfiguredEndpoints,
): Promise<string | undefined> {
  const { profiles, section } = await readProfiles();
  const { services, endpoint_url, ignore_configured_endpoint_urls } = profiles[profileName(profile)] ?? {};
  const { AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: ignored = ignore_configured_endpoint_urls } = process.env;
  if (ignored?.toLowerCase() === 'true') return undefined;
  const name = serviceId.replaceAll(' ', '_');
  const fromEnvironment =
    process.env[`AWS_ENDPOINT_URL_${name.toUpperCase()}`] || endpointUrl || process.env.AWS_ENDPOINT_URL;
  if (fromEnvironment || services === undefined) return fromEnvironment || endpoint_url;
  const named = section('services', services);
  if (named === undefined)
    throw new OperatorError(
      `The profile ${profileName(profile)} refers to [services ${services}], which does not exist.`,
    );
  return settingOf(named, name.toLowerCase(), 'endpoint_url') ?? endpoint_url;
}
