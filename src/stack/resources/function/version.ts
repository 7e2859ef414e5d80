/**
 * Which code the function runs: compares the version in its tag with the deployed code.
 */
import type { FunctionPackage } from '../../../package/function-package.js';
import type { ExistingFunction } from './state.js';

/** The tag with the version of this tool that deployed the code, and the code's hash. Written after the code. */
export const versionTag = 'agentkeys-ses-routing:version';

/**
 * A version with the hash of its code: `0.1.0+3fa9c1d20b7e`. The hash is build metadata in the sense of semver: one version may be built
 * from different sources.
 */
export function versionOf({ version, codeSha256 }: Pick<FunctionPackage, 'version' | 'codeSha256'>): string {
  return `${version}+${shortHash(codeSha256)}`;
}

/** The first 12 hexadecimal digits of a hash in base64. */
function shortHash(codeSha256: string): string {
  return Buffer.from(codeSha256, 'base64').toString('hex').slice(0, 12);
}

/** How the deployed code relates to this version of the tool. */
export type Deployed =
  /** There is no function. */
  | { how: 'missing' }
  /** The code that this version deploys. */
  | { how: 'same'; version: string }
  /** The code of another version, as that version deployed it. */
  | { how: 'other'; version: string }
  /** Someone replaced the code after this version was deployed. */
  | { how: 'replaced'; version: string }
  /** There is no tag: this tool did not deploy it, or a version that set no tag did. */
  | { how: 'unknown' };

/** Compares the deployed code and its tag with the code that this version deploys. Pure. */
export function deployedVersion(
  existing: Pick<ExistingFunction, 'configuration' | 'tags'> | undefined,
  code: FunctionPackage,
): Deployed {
  if (existing === undefined) return { how: 'missing' };
  const deployed = String(existing.configuration.CodeSha256);
  // Regardless of the tag: an older version or an interrupted run may have left it.
  if (deployed === code.codeSha256) return { how: 'same', version: versionOf(code) };
  const version = existing.tags[versionTag];
  if (version === undefined) return { how: 'unknown' };
  return { how: version.endsWith(`+${shortHash(deployed)}`) ? 'other' : 'replaced', version };
}
