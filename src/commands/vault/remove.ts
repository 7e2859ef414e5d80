/** `vault remove`: deletes a secret, or all of a wallet's. */
import { OperatorError } from '../../aws/errors.js';
import type { Settings } from '../../settings/index.js';
import type { Host } from '../../terminal/host.js';
import { defaultRuntime, type Runtime } from '../shared/session.js';
import { type OpenVault, type VaultFlags, withVault } from './open.js';
import type { VaultRemoveDocument } from './schema.js';

export interface RemoveFlags extends VaultFlags {
  /** Every secret of the wallet's, instead of one service's. */
  all?: boolean;
}

/** @param service the service whose secret is deleted; none with `all` */
export async function remove(
  settings: Settings,
  host: Host,
  service: string | undefined,
  flags: RemoveFlags,
  runtime: Runtime = defaultRuntime,
): Promise<number> {
  const { all = false, ...own } = flags;
  if (all === (service !== undefined))
    throw new OperatorError(
      all
        ? 'Give a service or --all, not both.'
        : 'Which secret? Give a service, or --all for every secret of the wallet.',
    );
  if (service === undefined) return withVault(settings, host, own, runtime, (open) => removeAll(settings, host, open));
  return withVault(settings, host, own, runtime, async ({ vault, wallet, layout, bucket }) => {
    await agreed(settings, host, `Delete the secret ${service} of ${wallet} from the bucket ${bucket}?`);
    await vault.remove(service, { signal: host.signal });
    const document: VaultRemoveDocument = { version: 1, outcome: 'removed', wallet, service, layout, bucket };
    host.print(
      settings.json ? JSON.stringify(document, null, 2) : `Deleted ${service} of ${wallet} from the bucket ${bucket}.`,
    );
    return 0;
  });
}

/** The objects are named in the question by their services, and counted. */
async function removeAll(
  settings: Settings,
  host: Host,
  { vault, wallet, layout, bucket }: OpenVault,
): Promise<number> {
  const services = await vault.list({ signal: host.signal });
  const named = services.length === 0 ? '' : `: ${services.join(', ')}`;
  await agreed(
    settings,
    host,
    `Delete everything below credentials/ of ${wallet} from the bucket ${bucket} (secrets: ${services.length}${named})?`,
  );
  const objects = await vault.removeAll({ signal: host.signal });
  const document: VaultRemoveDocument = { version: 1, outcome: 'removed', wallet, layout, bucket, services, objects };
  host.print(
    settings.json
      ? JSON.stringify(document, null, 2)
      : `Deleted ${objects} ${objects === 1 ? 'object' : 'objects'} of ${wallet} from the bucket ${bucket}${named}.`,
  );
  return 0;
}

/** Asks before something is lost. @throws OperatorError when the answer is no, or there is no way to ask */
export async function agreed({ yes, json }: Settings, host: Host, question: string): Promise<void> {
  if (yes) return;
  const answer = await host.confirm(question);
  if (answer === true) return;
  const reason = json ? '--json does not prompt' : 'stdin is not a terminal';
  throw new OperatorError(
    answer === false
      ? 'Declined: nothing was deleted.'
      : `Confirmation required, but ${reason}. Re-run with --yes. Nothing was deleted.`,
  );
}
