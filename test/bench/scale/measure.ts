/**
 * Runs the simulations, and the comparison with the embedded AWS.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createAws } from '../../../src/aws/clients.js';
import { makeOperatorAccount } from '../../../src/commands/demo/operator-account.js';
import { type SandboxOptions, startSandbox } from '../../../src/sandbox/index.js';
import { plainEnvironment } from '../contenders.js';
import { runProcess } from '../measure/run-process.js';
import { bursts, days } from './cases.js';
import { type Comparison, simulated } from './compare/compare.js';
import { onEmbedded, type Stack } from './compare/embedded.js';
import { burstByRealClock, throttledPause } from './compare/real-time.js';
import { scenarios } from './compare/scenarios.js';
import { anHoursOutage, moreBatches } from './outages.js';
import { pollingFigures, pollings } from './polling.js';
import type { ScaleFigures } from './report.js';

/** Of the function, for the burst by the real clock. */
const reservations = [1, 2, 4];

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
    const clock = { now: Date.now() };
    const options = { now: () => clock.now };
    comparisons.push(
      await withStack(repository, directory, options, scenario.retryQueue, async (stack) => ({
        scenario: scenario.name,
        simulated: simulated(scenario),
        embedded: await onEmbedded({ ...stack, clock }, scenario, raw),
      })),
    );
  }
  for (const reserved of reservations) {
    say(`on the embedded AWS: a burst, ${reserved} reserved`);
    const options = { delays: { invocationRetry: throttledPause } };
    const burst = (stack: Stack) => burstByRealClock(stack, reserved, raw);
    comparisons.push(await withStack(repository, directory, options, true, burst));
  }
  say('simulated: days, bursts');
  const ofDays = { days: days(), bursts: bursts() };
  say('simulated: outages');
  const ofOutages = { outages: anHoursOutage(), batches: moreBatches() };
  say('simulated: waiting agents');
  return { ...ofDays, ...ofOutages, pollings: pollings.map(pollingFigures), comparisons };
}

/** Deploys a stack on a new embedded AWS, for a comparison. */
async function withStack(
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
