/**
 * OpenID Connect tokens as STS reads them.
 * The signature is not verified: that would need the provider's keys from its own host, and a test has no such host. Issuer,
 * audience and expiry are.
 */

import type { AccountState, OidcProvider } from '../account/state.js';
import { AwsRefusal } from '../operation.js';

export interface Claims {
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
 * A token's claims and the account's provider that it comes from.
 * @throws {AwsRefusal} InvalidIdentityToken for what is no token, an unknown issuer, another audience; ExpiredTokenException
 */
export function readToken(state: AccountState, token: string): { claims: Claims; provider: OidcProvider } {
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
