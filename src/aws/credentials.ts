/**
 * The operator's credentials: the SDK's providers, with errors that name the cause and the next step. The SDK goes on to the next
 * source after most errors of a profile, in the end to the instance's role; here a profile that is configured is the one that is used.
 * https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html
 */
import { fromIni } from '@aws-sdk/credential-provider-ini';
import { defaultProvider } from '@aws-sdk/credential-provider-node';
import { memoize } from '@smithy/core/config';
import type { AwsCredentialIdentity } from '@smithy/types';
import { messageOf, nameOf, OperatorError, sentence } from './error-facts.js';
import type { AwsRequestHandler } from './http/request-handler.js';
import { type Profiles, profileName, readProfiles, type Section } from './profiles.js';

export interface CredentialSources {
  profile?: string | undefined;
  /** Asks for the code of an MFA device; undefined where there is no terminal. @param device its serial number or ARN */
  mfaCode?: ((device: string) => Promise<string | undefined>) | undefined;
}

/** Refreshed when they expire within this time, as the SDK does; milliseconds. */
const almostExpired = 5 * 60 * 1_000;

/** A profile with one of these settings is a source of credentials. */
const credentialSettings =
  /^(aws_access_key_id|aws_secret_access_key|role_arn|source_profile|credential_source|credential_process|web_identity_token_file|sso_\w+|login_session)$/;

/**
 * The credentials, resolved once for all clients, and again when they expire.
 *
 * @param requests sends the requests to STS and IAM Identity Center.
 */
export function operatorCredentials(
  sources: CredentialSources,
  requests: AwsRequestHandler,
): () => Promise<AwsCredentialIdentity> {
  const expiring = ({ expiration }: AwsCredentialIdentity) =>
    expiration !== undefined && expiration.getTime() - Date.now() < almostExpired;
  return memoize(
    () => resolve(sources, requests),
    expiring,
    ({ expiration }) => expiration !== undefined,
  );
}

async function resolve({ profile, mfaCode }: CredentialSources, requests: AwsRequestHandler) {
  const clientConfig = { requestHandler: requests };
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret } = process.env;
  const named = profile || process.env.AWS_PROFILE || undefined;
  // A named profile comes before keys in the environment, for the SDK as for the AWS CLI's --profile.
  if (named === undefined && Boolean(id) !== Boolean(secret))
    throw halfSet(id ? 'AWS_SECRET_ACCESS_KEY' : 'AWS_ACCESS_KEY_ID');
  const known = await readProfiles();
  const name = profileName(named);
  await assertProfile(named);
  const settings = known.profiles[name] ?? {};
  const configured = Object.keys(settings).some((key) => credentialSettings.test(key));
  if ((named === undefined && id) || !configured)
    return defaultProvider({ ...(named && { profile: named }), clientConfig })();
  const chain = sourceChain(name, known);
  assertSession(chain.at(-1), known);
  requests.lastFailure = undefined;
  const mfaCodeProvider = async (device: string) => {
    const code = await mfaCode?.(device);
    if (code !== undefined) return code;
    throw new OperatorError(
      `The profile ${name} requires the code of the MFA device ${device}, and there is no terminal to ask on. Run the command on a terminal, or use a profile with temporary credentials (aws sts get-session-token).`,
    );
  };
  try {
    return await fromIni({ profile: name, clientConfig, mfaCodeProvider })();
  } catch (error) {
    throw explained(error, chain, requests.lastFailure);
  }
}

/** @throws OperatorError when the profile that --profile or AWS_PROFILE names does not exist. */
export async function assertProfile(named: string | undefined): Promise<void> {
  if (!named) return;
  const { profiles } = await readProfiles();
  if (profiles[named] !== undefined) return;
  const others = Object.keys(profiles).slice(0, 10).join(', ');
  const files = `the AWS configuration files${others === '' ? '' : ` (profiles: ${others})`}`;
  throw new OperatorError(
    `The profile ${named} does not exist in ${files}. Check --profile (AWS_PROFILE). Nothing was read or written.`,
  );
}

function halfSet(missing: string, where = 'the environment'): OperatorError {
  return new OperatorError(
    `The access key in ${where} is incomplete: ${missing} is not set. Nothing was read or written.`,
  );
}

/** A profile and its settings. */
interface Link {
  name: string;
  settings: Section;
}

/**
 * The profile, and those that its source_profile leads to.
 *
 * @throws OperatorError when one does not exist, has half an access key, or refers back to one before it.
 */
function sourceChain(name: string, { profiles }: Profiles): Link[] {
  const chain: Link[] = [];
  let next: string | undefined = name;
  while (next !== undefined) {
    const settings: Section | undefined = profiles[next];
    const before = chain.at(-1);
    if (settings === undefined)
      throw new OperatorError(
        `The profile ${next}, the source_profile of ${before?.name}, does not exist. Nothing was read or written.`,
      );
    const { aws_access_key_id: id, aws_secret_access_key: secret, role_arn, source_profile }: Section = settings;
    if (Boolean(id) !== Boolean(secret))
      throw halfSet(id ? 'aws_secret_access_key' : 'aws_access_key_id', `the profile ${next}`);
    // A profile with keys can name itself as its source. Keys end a chain.
    const ends: boolean =
      role_arn === undefined || source_profile === undefined || (before !== undefined && id !== undefined);
    if (!ends && chain.some((link) => link.name === next))
      throw new OperatorError(
        `The profile ${name} refers back to itself by source_profile: ${[...chain.map((link) => link.name), next].join(' -> ')}. Nothing was read or written.`,
      );
    chain.push({ name: next, settings });
    next = ends ? undefined : source_profile;
  }
  return chain;
}

/** @throws OperatorError when the profile refers to a session that does not exist. */
function assertSession(link: Link | undefined, { section }: Profiles): void {
  const session = link?.settings.sso_session;
  if (session !== undefined && section('sso-session', session) === undefined)
    throw new OperatorError(
      `The profile ${link?.name} refers to [sso-session ${session}], which does not exist. Nothing was read or written.`,
    );
}

/** An error of the SDK's providers, for the operator. @param failure the last request that got no answer */
function explained(error: unknown, chain: Link[], failure: unknown): unknown {
  // The SDK repeats the failure's message in an error of its own, without its code.
  if (failure instanceof Error && failure !== error && messageOf(error).includes(failure.message)) return failure;
  if (!/^(CredentialsProviderError|TokenProviderError)$/.test(nameOf(error))) return error;
  const { name, settings } = chain.at(-1) as Link;
  const message = messageOf(error);
  if (settings.credential_process !== undefined) {
    const reason = processReason(message);
    return new OperatorError(
      `The credential_process of the profile ${name} failed${reason === '' ? '.' : `: ${sentence(reason)}`} Run it by itself to see why. Nothing was read or written.`,
    );
  }
  const sso = Object.keys(settings).some((key) => key.startsWith('sso_'));
  if (sso && /expired|profile is invalid|session token|Value not present|Unauthorized/i.test(message))
    return new OperatorError(
      `The IAM Identity Center session of the profile ${name} has expired, or was not started. Run: aws sso login --profile ${name}`,
    );
  return new OperatorError(
    `The credentials of the profile ${name} could not be used: ${sentence(message.replace(/\s+/g, ' '))}`,
  );
}

/** The longest reason that is shown. */
const longestReason = 300;

/**
 * Why the process failed: what it wrote to stderr, without the command line, which may hold secrets, and with anything that looks like a
 * key or a token left out.
 */
function processReason(message: string): string {
  const [first = '', ...written] = message.split('\n');
  const text = (first.startsWith('Command failed: ') ? written : [first, ...written]).join(' ').trim();
  return text.replace(/\b(?:AKIA|ASIA)[A-Z0-9]{12,}\b|[A-Za-z0-9+/=_-]{40,}/g, '[…]').slice(0, longestReason);
}
