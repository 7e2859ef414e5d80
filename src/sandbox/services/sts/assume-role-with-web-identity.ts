/**
 * STS: AssumeRoleWithWebIdentity. It does not verify the token's signature, which needs the keys from the provider's host. It checks issuer,
 * audience and expiry.
 */
import { decide } from '../../access/authorize.js';
import type { AccountState, OidcProvider } from '../../account/state.js';
import { AwsRefusal, type Caller, type Operation } from '../../operation.js';
import type { Tag } from '../iam/common.js';
import { roleWithArn, type SessionInput, startSession, trustAccesses } from './assume-role.js';

interface Claims {
  iss: string;
  sub: string;
  aud: string | string[];
  /** Seconds since 1970. */
  exp: number;
  'https://aws.amazon.com/tags'?: {
    principal_tags?: Record<string, string | string[]>;
    transitive_tag_keys?: string[];
  };
}

function invalid(message: string): AwsRefusal {
  return new AwsRefusal('InvalidIdentityToken', message);
}

function claimsOf(token: string): Claims {
  try {
    const [, payload = ''] = token.split('.');
    const claims: Claims = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    return claims;
  } catch {
    throw invalid('The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)');
  }
}

/**
 * A token's claims, and the account's provider that issued it.
 * @throws {AwsRefusal} InvalidIdentityToken for an invalid token, an unknown issuer, another audience; ExpiredTokenException
 */
function readToken(state: AccountState, token: string): { claims: Claims; provider: OidcProvider } {
  const claims = claimsOf(token);
  const provider = [...state.iam.oidcProviders.values()].find(({ url }) => url === claims.iss);
  if (!provider) throw invalid(`No OpenIDConnect provider found in your account for ${claims.iss}`);
  const audiences = [claims.aud].flat();
  if (!provider.clientIds.some((id) => audiences.includes(id))) throw invalid('Incorrect token audience');
  if (!(claims.exp * 1000 > state.now())) {
    const times = `current date/time ${Math.floor(state.now() / 1000)} must be before the expiration date/time ${claims.exp}`;
    throw new AwsRefusal('ExpiredTokenException', `Token expired: ${times}`);
  }
  return { claims, provider };
}

/** The tags that a token carries. https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_adding-assume-role-idp */
function tokenTags(claims: Claims): Tag[] {
  const tags = claims['https://aws.amazon.com/tags']?.principal_tags ?? {};
  return Object.entries(tags).map(([Key, values]) => ({ Key, Value: [values].flat().join() }));
}

const assumeRoleWithWebIdentity: Operation<SessionInput & { WebIdentityToken: string }> = {
  service: 'sts',
  name: 'AssumeRoleWithWebIdentity',
  mutates: true,
  // The caller has no credentials: the token identifies it, and the trust policy decides about that identity.
  access: () => [],
  run({ state, input }) {
    const { claims, provider } = readToken(state, input.WebIdentityToken);
    const tags = tokenTags(claims);
    const caller: Caller = { principal: { arn: provider.arn, federated: provider.arn }, userId: claims.sub, tags: {} };
    const name = provider.url.replace(/^https:\/\//, '');
    const context = { [`${name}:aud`]: claims.aud, [`${name}:sub`]: claims.sub, 'aws:FederatedProvider': provider.arn };
    for (const access of trustAccesses('sts:AssumeRoleWithWebIdentity', input, tags, context)) {
      if (decide(state, caller, access).allowed) continue;
      throw new AwsRefusal('AccessDenied', `Not authorized to perform ${access.action}`, 403);
    }
    const output = startSession(state, roleWithArn(state, input.RoleArn), input, tags);
    const Audience = [claims.aud].flat()[0];
    return { ...output, SubjectFromWebIdentityToken: claims.sub, Provider: provider.arn, Audience };
  },
};

export const assumeRoleWithWebIdentityOperations: Operation[] = [assumeRoleWithWebIdentity];
