/**
 * Runs the simulations, and the comparison with the embedded AWS.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createAws } from '../../../src/aws/clients.js';
import { makeOperatorAccount } from '../../../src/commands/demo/operator-account.js';
import { startSandbox } from '../../../src/sandbox/index.js';
import { plainEnvironment } from '../contenders.js';
import { runProcess } from '../measure/run-process.js';
import { bursts, days } from './cases.js';
import { type Comparison, simulated } from './compare/compare.js';
import { onEmbedded } from './compare/embedded.js';
import { type Scenario, scenarios } from './compare/scenarios.js';
import type { ScaleFigures } from './report.js';

/**
 * @param repository whose built tool deploys the stack.
 * @param directory where the bench was bundled to.
 * @param say reports progress.
 */
export async function measureScale(
  repository: string,
  directory: string,
  say: (line: string) => void,
): Promise<ScaleFigures> {
  const raw = (await readFile(join(repository, 'fixtures/signups/text-plain.eml'))).toString('latin1');
  const comparisons: Comparison[] = [];
  for (const scenario of scenarios({ messages: 120, minutes: 60 })) {
    say(`on the embedded AWS: ${scenario.name}`);
    comparisons.push(await compare(repository, directory, scenario, raw));
  }
  say('days and bursts, simulated');
  return { days: days(), bursts: bursts(), comparisons };
}

async function compare(repository: string, cwd: string, scenario: Scenario, raw: string): Promise<Comparison> {
  const clock = { now: Date.now() };
  const sandbox = await startSandbox({ now: () => clock.now });
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
      AGENTKEYS_SES_ROUTING_RETRY_QUEUE: String(scenario.retryQueue),
    };
    const args = [join(repository, 'dist/bin/agentkeys-ses-routing.js'), 'deploy', '--yes'];
    const { status, output } = await runProcess(process.execPath, args, { cwd, env });
    if (status !== 0) throw new Error(`deploy ended with ${status}: ${output.slice(-2_000)}`);
    const embedded = await onEmbedded({ sandbox, aws, bucket, clock }, scenario, raw);
    return { scenario: scenario.name, simulated: simulated(scenario), embedded };
  } finally {
    aws.close();
    await sandbox.close();
  }
}
