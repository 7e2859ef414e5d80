/**
 * Stacks for comparisons, in the bench.
 */
import { join } from 'node:path';
import { createAws } from '../../../../src/aws/clients.js';
import { makeOperatorAccount } from '../../../../src/commands/demo/operator-account.js';
import { type SandboxOptions, startSandbox } from '../../../../src/sandbox/index.js';
import { plainEnvironment } from '../../contenders.js';
import { runProcess } from '../../measure/run-process.js';
import type { Comparison } from './compare.js';
import type { Stack } from './embedded.js';

/** Deploys a stack on a new embedded AWS, for a comparison. */
export async function withStack(
  repository: string,
  cwd: string,
  options: SandboxOptions,
  retryQueue: boolean,
  compare: (stack: Stack) => Promise<Comparison>,
): Promise<Comparison> {
  const sandbox = await startSandbox(options);
  const { endpoint, region, account, administrator: credentials } = sandbox;
  const aws = createAws({ region, endpointUrl: endpoint, credentials });
  try {
    const { bucket } = await makeOperatorAccount(aws, account, region);
    const env = {
      ...plainEnvironment(process.env.PATH ?? ''),
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AGENTKEYS_SES_ROUTING_RETRY_QUEUE: String(retryQueue),
    };
    const args = [join(repository, 'dist/bin/agentkeys-ses-routing.js'), 'deploy', '--yes'];
    const { status, output } = await runProcess(process.execPath, args, { cwd, env });
    if (status !== 0) throw new Error(`deploy ended with ${status}: ${output.slice(-2_000)}`);
    return await compare({ sandbox, aws, bucket, clock: { now: Date.now() } });
  } finally {
    aws.close();
    await sandbox.close();
  }
}
