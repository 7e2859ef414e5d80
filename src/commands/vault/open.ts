/**
 * A wallet's vault for a command: its session, its place and its signer.
 */
import { actorOmni } from '../../agentkeys/actor.js';
import { mailBucketName, vaultBucketName } from '../../agentkeys/names.js';
import { OperatorError } from '../../aws/errors.js';
import { tokenIn } from '../../mailbox/token.js';
import type { Settings } from '../../settings/index.js';
import type { Host } from '../../terminal/host.js';
import type { Layout, Vault } from '../../vault/contract.js';
import { httpSigner } from '../../vault/http-signer.js';
import { localSigner, type Signer } from '../../vault/signers.js';
import { openVault } from '../../vault/vault.js';
import { type AgentSession, withAgentSession } from '../shared/agent-session.js';
import type { Runtime } from '../shared/session.js';
import { readTokenFile } from '../shared/token-file.js';

/** The flags that are the vault's own. Paths and names only: no secret is an argument. */
export interface VaultFlags {
  layout?: Layout;
  roleArn?: string;
  /** A file with the wallet's private key. */
  keyFile?: string;
  /** The account that the signer signs for. */
  signerAccount?: string;
  /** A file with the session token for the signer. */
  signerTokenFile?: string;
}

/** An open vault, and what the commands print of it. */
export interface OpenVault {
  vault: Vault;
  wallet: string;
  layout: Layout;
  bucket: string;
}

/** The layout of the flag; without it, `omni` where the settings name the vault bucket. */
export function layoutOf({ layout }: VaultFlags, { vaultBucket }: Settings): Layout {
  return layout ?? (vaultBucket === undefined ? 'wallet' : 'omni');
}

/** Opens the vault, does the work, and closes the connections in any case. */
export function withVault<Result>(
  settings: Settings,
  host: Host,
  flags: VaultFlags,
  runtime: Runtime,
  work: (open: OpenVault) => Promise<Result>,
): Promise<Result> {
  const layout = layoutOf(flags, settings);
  return withVaultOf(layout, settings, host, flags, runtime, work);
}

/** Like {@link withVault}, for a layout that is known. */
export function withVaultOf<Result>(
  layout: Layout,
  settings: Settings,
  host: Host,
  flags: VaultFlags,
  runtime: Runtime,
  work: (open: OpenVault) => Promise<Result>,
): Promise<Result> {
  const role =
    layout === 'omni'
      ? { arn: flags.roleArn ?? settings.vaultRole, flags: '--vault-role (VAULT_ROLE_ARN)' }
      : { arn: flags.roleArn ?? settings.dataRole, flags: '--role-arn (DATA_ROLE_ARN)' };
  return withAgentSession(settings, host, runtime, role, async (session) =>
    work(await vaultIn(settings, flags, layout, session)),
  );
}

/** The vault of a layout, with a session of the wallet's. */
async function vaultIn(
  settings: Settings,
  flags: VaultFlags,
  layout: Layout,
  { aws, wallet, account }: AgentSession,
): Promise<OpenVault> {
  const bucket =
    layout === 'omni'
      ? (settings.vaultBucket ?? vaultBucketName(account, settings.stack))
      : (settings.bucket ?? mailBucketName(account, settings.stack));
  const signer = await signerFor(settings, flags, wallet);
  return { vault: openVault({ bucket, wallet, layout, signer, account, s3: aws.s3 }), wallet, layout, bucket };
}

async function signerFor({ signerUrl }: Settings, flags: VaultFlags, wallet: string): Promise<Signer> {
  const key = await readTokenFile(flags.keyFile, '--key-file');
  if (key !== undefined) return localSigner(key);
  if (signerUrl === undefined) return noSigner;
  const token = await readTokenFile(flags.signerTokenFile, '--signer-token-file');
  return httpSigner({
    url: signerUrl,
    omniAccount: flags.signerAccount ?? actorOmni(wallet),
    token: token === undefined ? undefined : tokenIn(token),
  });
}

/** `vault list` and `vault remove` need no signer; who does, learns how to name one. */
function noSigner(): never {
  throw new OperatorError(
    "Secrets are encrypted with a key that is derived from the wallet's signature: name a signer with --signer-url (AGENTKEYS_SIGNER_URL) or --key-file.",
  );
}
