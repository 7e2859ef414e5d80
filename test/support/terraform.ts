/**
 * Terraform with its AWS provider, where both are on this machine. Nothing is downloaded.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { copyFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';

const provider = join('registry.terraform.io', 'hashicorp', 'aws');

/** Where providers may be: a folder of the caller's, Terraform's cache, and the places in which Terraform looks by itself. https://developer.hashicorp.com/terraform/cli/config/config-file#implied-local-mirror-directories */
function mirror(): string | undefined {
  const { TERRAFORM_PROVIDERS, TF_PLUGIN_CACHE_DIR } = process.env;
  const places = [
    TERRAFORM_PROVIDERS,
    TF_PLUGIN_CACHE_DIR,
    join(homedir(), '.terraform.d', 'plugins'),
    join(homedir(), '.local', 'share', 'terraform', 'plugins'),
    '/usr/local/share/terraform/plugins',
    '/usr/share/terraform/plugins',
  ];
  return places.find((place) => place !== undefined && existsSync(join(place, provider)));
}

interface Outcome {
  /** Null where the program can't be started. */
  status: number | null;
  output: string;
}

async function run(args: string[], cwd: string, env: NodeJS.ProcessEnv): Promise<Outcome> {
  const child = spawn('terraform', args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const pieces: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece: Buffer) => pieces.push(piece));
  return once(child, 'close').then(
    () => ({ status: child.exitCode, output: Buffer.concat(pieces).toString() }),
    (error: Error) => ({ status: null, output: error.message }),
  );
}

export type Terraform = (...args: string[]) => Promise<Outcome>;

/**
 * Prepares a configuration.
 *
 * @param folder where it lies, with Terraform's state.
 * @param files the paths of the configuration's files.
 * @param variables the environment, beside what Terraform itself needs.
 * @returns a function that runs Terraform; the reason where it or its provider is missing.
 */
export async function terraformIn(
  folder: string,
  files: string[],
  variables: Record<string, string>,
): Promise<Terraform | string> {
  for (const file of files) await copyFile(file, join(folder, basename(file)));
  const places = mirror();
  if (places === undefined) {
    return 'no AWS provider for Terraform on this machine. To have it: terraform -chdir=test/bench/terraform providers mirror ~/.terraform.d/plugins';
  }
  const config = join(folder, 'terraform.rc');
  await writeFile(
    config,
    `provider_installation {\n  filesystem_mirror {\n    path = ${JSON.stringify(places)}\n  }\n}\n`,
  );
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    TF_CLI_CONFIG_FILE: config,
    CHECKPOINT_DISABLE: '1',
    AWS_EC2_METADATA_DISABLED: 'true',
    ...variables,
  };
  const { status, output } = await run(['init', '-input=false', '-no-color'], folder, env);
  if (status === null) return `no terraform: ${output}`;
  if (status !== 0) return `terraform init failed: ${output.trim()}`;
  return (...args) => run([...args, '-input=false', '-no-color'], folder, env);
}
