/** `vault remove`: deletes a secret. */
import { OperatorError } from '../../aws/errors.js';
import type { Settings } from '../../settings/index.js';
import type { Host } from '../../terminal/host.js';
import { defaultRuntime, type Runtime } from '../shared/session.js';
import { type VaultFlags, withVault } from './open.js';
import type { VaultRemoveDocument } from './schema.js';

export function remove(
  settings: Settings,
  host: Host,
  service: string,
  flags: VaultFlags,
  runtime: Runtime = defaultRuntime,
): Promise<number> {
  return withVault(settings, host, flags, runtime, async ({ vault, wallet, layout, bucket }) => {
    await agreed(settings, host, `Delete the secret ${service} of ${wallet} from the bucket ${bucket}?`);
    await vault.remove(service, { signal: host.signal });
    const document: VaultRemoveDocument = { version: 1, outcome: 'removed', wallet, service, layout, bucket };
    host.print(
      settings.json ? JSON.stringify(document, null, 2) : `Deleted ${service} of ${wallet} from the bucket ${bucket}.`,
    );
    return 0;
  });
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
