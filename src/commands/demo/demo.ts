/**
 * `demo`: the whole story on the embedded AWS: an operator's account, the deploy, mail, who can read what, and the way down.
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

export interface DemoOptions {
  /** Leave the embedded AWS running, with the stack in it, until Ctrl-C. */
  keep: boolean;
  /** The folder of the messages and their index.json; the package's own when left out. */
  messages?: string;
}

/** @returns 0 when every message ended where it should and everybody could read just what they should; 1 otherwise; 130 after Ctrl-C. */
export async function demo(host: Host, options: DemoOptions): Promise<number> {
  const sandbox = await startSandbox({ delays: { roleAssumable: 600, functionUpdate: 300 } });
  const { region, endpoint, administrator } = sandbox;
  const aws = createAws({ region, endpointUrl: endpoint, credentials: administrator });
  try {
    return await tell(host, options, sandbox, aws).catch((error) => {
      if (!host.signal.aborted) throw error;
      host.warn('Interrupted. The embedded AWS is gone, with all that was in it.');
      return 130;
    });
  } finally {
    aws.close();
    await sandbox.close();
  }
}

/** The story, from the first deploy to the way down. */
async function tell(host: Host, { keep, messages: folder }: DemoOptions, sandbox: Sandbox, aws: Aws): Promise<number> {
  const { account, region, endpoint, administrator } = sandbox;
  const fixtures = folder ?? join((await packageRoot()).directory, 'fixtures', 'messages');
  const { bucket } = await makeOperatorAccount(aws, account, region);
  const { messages, mailDomain } = await readMessages(fixtures);
  const flags = { bucket, region, account, endpointUrl: endpoint, mailDomain, yes: true };
  // The fixtures' folder: no settings file of the operator's gets into the demo.
  const load = async (more: object) => (await loadSettings({ ...flags, ...more }, {}, fixtures)).settings;
  const runtime = {
    connect: (access: Parameters<typeof createAws>[0]) => createAws({ ...access, credentials: administrator }),
    clock: systemClock,
  };

  heading(host, '1. Deploy into an account as an operator has it');
  const settings = await load({ removeBroadGrants: true });
  await deploy(settings, host, { dryRun: false, runtime });

  heading(host, '2. Deploy again');
  const before = sandbox.calls.length;
  await deploy(settings, host, { dryRun: false, runtime });
  const again = sandbox.calls.slice(before);
  host.print(`${again.length} calls, ${again.filter(({ mutates }) => mutates).length} of them writing.`);

  heading(host, '3. Mail arrives, as SES stores it');
  await deliver(aws, bucket, messages);
  await sandbox.settled();
  const mail = await whereabouts(aws, bucket, messages);
  for (const line of mail.lines) host.print(line);

  heading(host, '4. Who can read what, by trying');
  const access = await accessTable(sandbox, bucket, messages);
  for (const line of access.lines) host.print(line);

  if (keep) {
    heading(host, '5. The embedded AWS stays up until Ctrl-C. In another shell:');
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
    heading(host, '5. Tear down, and give the broker back what was taken');
    await teardown(await load({ teardownBroker: true }), host, { dryRun: false, runtime });
    host.print('');
    for (const line of (await whereabouts(aws, bucket, messages)).left) host.print(line);
  }
  if (mail.right && access.right) return 0;
  host.warn('error: not every message or reader got as far as it should (see 3 and 4).');
  return 1;
}

function heading(host: Host, text: string): void {
  host.print('');
  host.print(`== ${text}`);
  host.print('');
}
