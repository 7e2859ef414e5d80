/**
 * The certificate authorities to trust: AWS_CA_BUNDLE, or `ca_bundle` of the profile. They replace those of Node.js, as in the AWS CLI.
 * https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-options.html (--ca-bundle)
 */
import { readFile } from 'node:fs/promises';
import { OperatorError } from '../error-facts.js';
import { readProfile } from '../profiles.js';

/**
 * Reads the bundle, if one is named.
 *
 * @returns certificates in PEM.
 * @throws OperatorError when the file can't be read, or has no certificate in it.
 */
export async function readCaBundle(profile: string | undefined): Promise<string | undefined> {
  const { AWS_CA_BUNDLE: named } = process.env;
  const path = named || (await readProfile(profile)).ca_bundle;
  if (path === undefined) return undefined;
  const bundle = `The CA bundle ${path} (${named ? 'AWS_CA_BUNDLE' : 'ca_bundle in the profile'})`;
  const pem = await readFile(path, 'utf8').catch(({ code }: NodeJS.ErrnoException) => {
    throw new OperatorError(`${bundle} can't be read (${code}).`);
  });
  if (!pem.includes('-----BEGIN ')) throw new OperatorError(`${bundle} has no certificate in it.`);
  return pem;
}
