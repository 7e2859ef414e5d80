/**
 * The contenders: this tool and its alternatives, a script around the AWS CLI and Terraform.
 */
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { devNull } from 'node:os';
import { join } from 'node:path';
import { functionPackage } from '../../src/package/function-package.js';
import type { Account } from './endpoints.js';
import type { Aim } from './measure/figures.js';
import { runProcess } from './measure/run-process.js';

/** A command that is measured, as one process. */
export interface Step {
  name: string;
  file: string;
  args: string[];
  aim?: Aim;
  /** Whether it may change anything. */
  readOnly?: boolean;
}

export interface Contender {
  name: string;
  /** Why it can't be measured here, if it can't. Called once, before all else. */
  missing(): Promise<string | undefined>;
  /** Environment variables of its steps, in addition to everyone's. */
  env(account: Account): Record<string, string>;
  /** Prepares for a new account. @returns the commands in order */
  steps(account: Account): Promise<Step[]>;
}

export interface Place {
  repository: string;
  /** A folder for temporary files. */
  directory: string;
  /** The environment of every process. */
  env: NodeJS.ProcessEnv;
  /** The proxy's URL. */
  endpoint: string;
}

const mailDomain = 'bots.example.org';

/** The environment of every process: without the operator's own AWS configuration. */
export function plainEnvironment(path: string): NodeJS.ProcessEnv {
  const { HOME, TF_CLI_CONFIG_FILE, TMPDIR } = process.env;
  return {
    PATH: path,
    HOME,
    TMPDIR,
    TF_CLI_CONFIG_FILE,
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_PAGER: '',
    CHECKPOINT_DISABLE: '1',
    TF_IN_AUTOMATION: '1',
  };
}

export function thisTool({ repository, endpoint }: Place): Contender {
  return {
    name: 'agentkeys-ses-routing',
    missing: async () => undefined,
    env: () => ({}),
    async steps({ account, region, bucket }) {
      const executable = join(repository, 'dist/bin/agentkeys-ses-routing.js');
      const place = ['--account', account, '--region', region, '--bucket', bucket, '--endpoint-url', endpoint];
      const command = (...args: string[]) => ({ file: process.execPath, args: [executable, ...args, ...place] });
      const deploy = ['deploy', '--mail-domain', mailDomain];
      return [
        { name: 'first deploy', ...command(...deploy, '--yes'), aim: { seconds: 2.5, text: '< 2.5 s' } },
        {
          name: 'no-op deploy',
          ...command(...deploy, '--yes'),
          aim: { seconds: 0.8, text: '< 0.8 s' },
          readOnly: true,
        },
        { name: 'deploy --dry-run', ...command(...deploy, '--dry-run'), readOnly: true },
        { name: 'teardown', ...command('teardown', '--yes'), aim: { seconds: 1.5, text: '< 1.5 s' } },
      ];
    },
  };
}

/** A script that makes the calls that AgentKeys' old deploy.sh is described to make. */
export function awsCliScript({ repository, directory, env }: Place): Contender {
  return {
    name: 'deploy.sh around the AWS CLI',
    missing: () => unlessItRuns('aws', ['--version'], { cwd: directory, env }),
    env: ({ account, region, bucket }) => ({
      ACCOUNT_ID: account,
      REGION: region,
      BUCKET: bucket,
      MAIL_DOMAIN: mailDomain,
      HANDLER: join(repository, 'dist/handler/index.cjs'),
    }),
    async steps() {
      const command = { file: 'bash', args: [join(repository, 'test/bench/deploy.sh')] };
      return [
        { name: 'first run', ...command },
        { name: 'second run', ...command },
      ];
    },
  };
}

/** The same stack as this tool's; the provider is installed beforehand, and that is not measured. */
export function terraform({ repository, directory, env, endpoint }: Place): Contender {
  const folder = join(directory, 'terraform');
  const zip = join(directory, 'function.zip');
  const options = { cwd: folder, env };
  return {
    name: 'Terraform',
    async missing() {
      await mkdir(folder);
      await copyFile(join(repository, 'test/bench/terraform/main.tf'), join(folder, 'main.tf'));
      await writeFile(zip, (await functionPackage(repository)).zip);
      const absent = await unlessItRuns('terraform', ['version'], options);
      if (absent !== undefined) return absent;
      // Nothing is downloaded for a bench: with this proxy, only what the operator's configuration finds on the disk is found.
      const offline = { ...env, HTTPS_PROXY: 'http://127.0.0.1:9' };
      const { status } = await runProcess('terraform', ['init', '-input=false'], { cwd: folder, env: offline });
      if (status === 0) return undefined;
      return 'no provider hashicorp/aws on this machine (a filesystem_mirror in the file that TF_CLI_CONFIG_FILE names)';
    },
    env: ({ account, region, bucket }) => ({
      TF_VAR_endpoint: endpoint,
      TF_VAR_account: account,
      TF_VAR_region: region,
      TF_VAR_bucket: bucket,
      TF_VAR_mail_domain: mailDomain,
      TF_VAR_package: zip,
    }),
    async steps() {
      for (const state of ['terraform.tfstate', 'terraform.tfstate.backup'])
        await rm(join(folder, state), { force: true });
      const command = (...args: string[]) => ({
        file: 'terraform',
        args: [`-chdir=${folder}`, ...args, '-input=false'],
      });
      return [
        { name: 'apply', ...command('apply', '-auto-approve') },
        { name: 'plan, nothing to do', ...command('plan', '-detailed-exitcode'), readOnly: true },
        { name: 'destroy', ...command('destroy', '-auto-approve') },
      ];
    },
  };
}

async function unlessItRuns(file: string, args: string[], options: { cwd: string; env: NodeJS.ProcessEnv }) {
  const { status } = await runProcess(file, args, options).catch(() => ({ status: null }));
  return status === 0 ? undefined : `no ${file} on the PATH`;
}
