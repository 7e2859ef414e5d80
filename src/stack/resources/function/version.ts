/**
 * Which code the function runs: what its tag says of the version that was deployed, held against the code that is there.
 */
import type { FunctionPackage } from '../../../package/function-package.js';
import type { ExistingFunction } from './state.js';

/** Says which version of this tool deployed which code. Written once the code is in place. */
export const versionTag = 'agentkeys-ses-routing:version';

/**
 * A version and its code in one word: `0.1.0+3fa9c1d20b7e`. The code's hash is what semver calls build metadata: the same version may
 * have been built from other sources.
 */
export function versionOf({ version, codeSha256 }: Pick<FunctionPackage, 'version' | 'codeSha256'>): string {
  return `${version}+${shortHash(codeSha256)}`;
}

/** The first 12 hexadecimal digits of a hash that Lambda gives in base64. */
function shortHash(codeSha256: string): string {
  return Buffer.from(codeSha256, 'base64').toString('hex').slice(0, 12);
}

/** What the deployed code is to this version of the tool. */
export type Deployed =
  /** There is no function. */
  | { how: 'missing' }
  /** The very code that this version deploys. */
  | { how: 'same'; version: string }
  /** Another version's, as that version deployed it. */
  | { how: 'other'; version: string }
  /** Somebody has put other code in its place since this version was deployed. */
  | { how: 'replaced'; version: string }
  /** No version is known: it was deployed by no tool of ours, or by one that set no such tag. */
  | { how: 'unknown' };

/** Holds the code that is there, and what the tag says of it, against the code that this version deploys. Pure. */
export function deployedVersion(existing: ExistingFunction | undefined, code: FunctionPackage): Deployed {
  if (existing === undefined) return { how: 'missing' };
  const there = String(existing.configuration.CodeSha256);
  // Whatever the tag says: it may be an older installation's, or of a run that was interrupted.
  if (there === code.codeSha256) return { how: 'same', version: versionOf(code) };
  const version = existing.tags[versionTag];
  if (version === undefined) return { how: 'unknown' };
  return { how: version.endsWith(`+${shortHash(there)}`) ? 'other' : 'replaced', version };
}
