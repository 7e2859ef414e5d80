/** `vault reencrypt`: moves the secrets of the mail bucket (version 1) to the vault bucket (version 2). */
import type { Settings } from '../../settings/index.js';
import type { Host } from '../../terminal/host.js';
import { type Reencrypted, reencrypt } from '../../vault/reencrypt.js';
import { defaultRuntime, type Runtime } from '../shared/session.js';
import { type OpenVault, type VaultFlags, withVaultOf } from './open.js';
import { agreed } from './remove.js';
import type { VaultReencryptDocument } from './schema.js';

export interface ReencryptFlags extends VaultFlags {
  deleteOld?: boolean;
  /** Of the wallet that the secrets are moved to, where it is another. */
  toTokenFile?: string;
  toKeyFile?: string;
  toSignerAccount?: string;
  toSignerTokenFile?: string;
}

const said: Record<Reencrypted['outcome'], string> = {
  copied: 'copied; the old object is still there',
  moved: 'moved; the old object was deleted',
  different: 'the new place holds another secret; nothing was changed',
  unreadable: 'nothing was changed',
};

/** @returns 0; 1 when a secret is not in the new place. */
export function reencryptAll(
  settings: Settings,
  host: Host,
  flags: ReencryptFlags,
  runtime: Runtime = defaultRuntime,
): Promise<number> {
  const target = targetOf(settings, flags);
  return withVaultOf('wallet', settings, host, flags, runtime, (from) =>
    withVaultOf('omni', target.settings, host, target.flags, runtime, async (to) => {
      const deleteOld = flags.deleteOld === true;
      if (deleteOld)
        await agreed(
          settings,
          host,
          `Delete each secret of ${from.wallet} from the bucket ${from.bucket} once it was read back from ${to.bucket}?`,
        );
      const secrets = await reencrypt({ from: from.vault, to: to.vault, deleteOld, signal: host.signal });
      const place = ({ wallet, bucket }: OpenVault) => ({ wallet, bucket });
      if (settings.json) {
        const document: VaultReencryptDocument = { version: 1, from: place(from), to: place(to), secrets };
        host.print(JSON.stringify(document, null, 2));
      } else {
        for (const { service, outcome, reason } of secrets)
          host.print(`${service}: ${reason === undefined ? '' : `${reason} `}${said[outcome]}`);
        if (secrets.length === 0) host.note(`There are no secrets of ${from.wallet} in the bucket ${from.bucket}.`);
      }
      return secrets.every(({ outcome }) => outcome === 'copied' || outcome === 'moved') ? 0 : 1;
    }),
  );
}

/** The settings and flags for the new place: the same wallet's session of the other role, or another wallet's. */
function targetOf(settings: Settings, flags: ReencryptFlags): { settings: Settings; flags: VaultFlags } {
  const { roleArn: _, ...same } = flags;
  const { toTokenFile, toKeyFile, toSignerAccount, toSignerTokenFile } = flags;
  if (toTokenFile === undefined) return { settings, flags: same };
  const { wallet: __, ...others } = settings;
  return {
    settings: { ...others, tokenFile: toTokenFile },
    flags: {
      ...(toKeyFile === undefined ? {} : { keyFile: toKeyFile }),
      ...(toSignerAccount === undefined ? {} : { signerAccount: toSignerAccount }),
      ...(toSignerTokenFile === undefined ? {} : { signerTokenFile: toSignerTokenFile }),
    },
  };
}
