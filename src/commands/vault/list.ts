/** `vault list`: the names of the stored secrets. */
import type { Settings } from '../../settings/index.js';
import type { Host } from '../../terminal/host.js';
import { listSecrets, withStore } from '../../vault/secrets.js';
import { layoutsByVersion, sessionOf } from '../../vault/session.js';
import { defaultRuntime, type Runtime } from '../shared/session.js';
import { type VaultFlags, withVault } from './open.js';
import type { VaultListDocument } from './schema.js';

export function list(
  settings: Settings,
  host: Host,
  flags: VaultFlags,
  runtime: Runtime = defaultRuntime,
): Promise<number> {
  return withVault(settings, host, flags, runtime, async ({ vault, wallet, layout, bucket }) => {
    const session = sessionOf(vault);
    const secrets = await withStore(session, host.signal, (store) => listSecrets(session, store));
    if (settings.json) {
      const listed = [...secrets].map(([service, { place, size, modified }]) => ({
        service,
        place: layoutsByVersion[place],
        size,
        modified: modified.toISOString(),
      }));
      const document: VaultListDocument = { version: 1, wallet, layout, bucket, secrets: listed };
      host.print(JSON.stringify(document, null, 2));
      return 0;
    }
    for (const service of secrets.keys()) host.print(service);
    if (secrets.size === 0) host.note(`There are no secrets of ${wallet} in the bucket ${bucket}.`);
    return 0;
  });
}
