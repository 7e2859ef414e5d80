/** `vault get`: prints a secret, alone on stdout. */
import { OperatorError } from '../../aws/errors.js';
import type { Settings } from '../../settings/index.js';
import type { Host } from '../../terminal/host.js';
import { defaultRuntime, type Runtime } from '../shared/session.js';
import { type VaultFlags, withVault } from './open.js';
import type { VaultGetDocument } from './schema.js';

export interface GetFlags extends VaultFlags {
  /** Print it to a terminal too. */
  reveal?: boolean;
}

export async function get(
  settings: Settings,
  host: Host,
  service: string,
  flags: GetFlags,
  runtime: Runtime = defaultRuntime,
): Promise<number> {
  const { json } = settings;
  if (host.onTerminal && !json && flags.reveal !== true)
    throw new OperatorError(
      'stdout is a terminal, which would show the secret. Use --reveal, or send stdout to a file or a program. Nothing was read.',
    );
  return withVault(settings, host, flags, runtime, async ({ vault, wallet, layout, bucket }) => {
    const secret = await vault.get(service, { signal: host.signal });
    if (json) {
      // Documents are logged: the secret is not in it.
      const document: VaultGetDocument = { version: 1, wallet, service, layout, bucket, bytes: secret.length };
      host.print(JSON.stringify(document, null, 2));
    } else if (host.onTerminal) host.print(Buffer.from(secret).toString());
    else host.write(Buffer.from(secret));
    secret.fill(0);
    return 0;
  });
}
