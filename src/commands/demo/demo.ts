/**
 * `demo`: a full cycle on the embedded AWS: an operator's account, the deploy, mail, the access it gives, and the teardown.
 */
import { once } from 'node:events';
import { join } from 'node:path';
import { type Aws, createAws } from '../../aws/clients.js';
import { systemClock } from '../../aws/waits.js';
import { packageRoot } from '../../package/package-root.js';
import { type Sandbox, startSandbox } from '../../sandbox/index.js';
import { loadSettings } from '../../settings/index.js';
import type { Host } from '../../terminal/host.js';
import { deploy } from '../deploy/deploy.js';
import { teardown } from '../teardown/teardown.js';
import { accessTable } from './access.js';
import { deliver, readMessages, whereabouts } from './mail.js';
import { makeOperatorAccount } from './operator-account.js';
import { vaultStory } from './vault.js';

export interface DemoOptions {
  /** Leave the embedded AWS running, with the stack in it, until Ctrl-C. */
  keep: boolean;
  /** The folder of the messages and their index.json; the package's by default. */
  messages?: string;
}

/** @returns 0 if all mail was routed and all access was as expected; 1 otherwise; 130 after Ctrl-C. */
export async function demo(host: Host, options: DemoOptions): Promise<number> {
  const sandbox = await startSandbox({ delays: { roleAssumable: 600, functionUpdate: 300 } });
  const { region, endpoint, administrator } = sandbox;
  const aws = createAws({ region, endpointUrl: endpoint, credentials: administrator, direct: true });
  try {
    return await runDemo(host, options, sandbox, aws).catch((error) => {
      if (!host.signal.aborted) throw error;
      host.warn('Interrupted. The embedded AWS and everything in it are gone.');
      return 130;
    });
  } finally {
    aws.close();
    await sandbox.close();
  }
}

/** Runs the steps from the first deploy to the teardown. */
async function runDemo(
  host: Host,
  { keep, messages: folder }: DemoOptions,
  sandbox: Sandbox,
  aws: Aws,
): Promise<number> {
  const { account, region, endpoint, administrator } = sandbox;
  const fixtures = folder ?? join(packageRoot().directory, 'fixtures', 'messages');
  const { bucket } = await makeOperatorAccount(aws, account, region);
  const { messages, mailDomain } = await readMessages(fixtures);
  const flags = { bucket, region, account, endpointUrl: endpoint, mailDomain, yes: true };
  // The fixtures' folder, so that the operator's settings file is not read.
  const load = async (more: object) => (await loadSettings({ ...flags, ...more }, {}, fixtures)).settings;
  const runtime = {
    connect: (access: Parameters<typeof createAws>[0]) =>
      createAws({ ...access, credentials: administrator, direct: true }),
    clock: systemClock,
  };

  heading(host, '1. Deploy into a typical account');
  const settings = await load({ removeBroadGrants: true });
  await deploy(settings, host, { dryRun: false, runtime });

  heading(host, '2. Deploy again');
  const before = sandbox.calls.length;
  await deploy(settings, host, { dryRun: false, runtime });
  const again = sandbox.calls.slice(before);
  host.print(`${again.length} calls, ${again.filter(({ mutates }) => mutates).length} of them writes.`);

  heading(host, '3. Mail arrives');
  await deliver(aws, bucket, messages);
  await sandbox.settled();
  const mail = await whereabouts(aws, bucket, messages);
  for (const line of mail.lines) host.print(line);

  heading(host, '4. Who can read what');
  const access = await accessTable(sandbox, bucket, messages);
  for (const line of access.lines) host.print(line);

  heading(host, '5. An agent keeps its API key');
  const kept = await vaultStory(sandbox, aws, bucket, messages);
  for (const line of kept.lines) host.print(line);

  if (keep) {
    heading(host, '6. The embedded AWS runs until Ctrl-C. To use it, run in another shell:');
    // They would come before the keys.
    host.print('unset AWS_PROFILE AWS_SESSION_TOKEN');
    for (const [name, value] of Object.entries({
      AWS_ENDPOINT_URL: endpoint,
      AWS_ACCESS_KEY_ID: administrator.accessKeyId,
      AWS_SECRET_ACCESS_KEY: administrator.secretAccessKey,
      AWS_REGION: region,
      ACCOUNT_ID: account,
      BUCKET: bucket,
      MAIL_DOMAIN: mailDomain,
    }))
      host.print(`export ${name}=${value}`);
    if (!host.signal.aborted) await once(host.signal, 'abort');
  } else {
    heading(host, "6. Tear down, and restore the broker's access");
    await teardown(await load({ teardownBroker: true }), host, { dryRun: false, runtime });
    host.print('');
    for (const line of (await whereabouts(aws, bucket, messages)).left) host.print(line);
  }
  if (mail.asExpected && access.asExpected && kept.asExpected) return 0;
  host.warn('error: some mail or access was not as expected (see 3, 4 and 5).');
  return 1;
}

function heading(host: Host, text: string): void {
  host.print('');
  host.print(`== ${text}`);
  host.print('');
}
