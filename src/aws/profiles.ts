/**
 * The AWS configuration and credentials files. https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html
 */
import { CONFIG_PREFIX_SEPARATOR, loadSharedConfigFiles, parseKnownFiles } from '@smithy/core/config';

/** A section's settings. */
export type Section = Readonly<Record<string, string | undefined>>;

export interface Profiles {
  /** The settings of each profile, of both files together. */
  profiles: Readonly<Record<string, Section>>;
  /** A section of the configuration file that is not a profile, such as `[services local]`. */
  section(kind: 'services' | 'sso-session', name: string): Section | undefined;
}

/** Reads the files; the SDK keeps what it has read. A file that does not exist is empty. */
export async function readProfiles(): Promise<Profiles> {
  const [profiles, { configFile }] = await Promise.all([parseKnownFiles({}), loadSharedConfigFiles()]);
  return { profiles, section: (kind, name) => configFile[`${kind}${CONFIG_PREFIX_SEPARATOR}${name}`] };
}

/** The profile in use. @param named the one that --profile or AWS_PROFILE names */
export function profileName(named: string | undefined): string {
  return named || process.env.AWS_PROFILE || 'default';
}

/** The settings of the profile in use; empty if it does not exist. */
export async function readProfile(named: string | undefined): Promise<Section> {
  const { profiles } = await readProfiles();
  return profiles[profileName(named)] ?? {};
}

/** A setting of a section by its path: `settingOf(section, 'cloudwatch_logs', 'endpoint_url')`. */
export function settingOf(section: Section, ...path: string[]): string | undefined {
  return section[path.join(CONFIG_PREFIX_SEPARATOR)];
}
