/** `vault put`: encrypts and stores a secret. */
import { OperatorError } from '../../aws/errors.js';
import type { Settings } from '../../settings/index.js';
import type { Host } from '../../terminal/host.js';
import { LARGEST_SECRET } from '../../vault/format.js';
import { checkNewName } from '../../vault/session.js';
import { asOperatorError } from '../shared/identity.js';
import { defaultRuntime, type Runtime } from '../shared/session.js';
import { type VaultFlags, withVault } from './open.js';
import type { VaultPutDocument } from './schema.js';

export interface PutFlags extends VaultFlags {
  overwrite?: boolean;
  /** Keep a line break at the end. */
  exact?: boolean;
}

export async function put(
  settings: Settings,
  host: Host,
  service: string,
  flags: PutFlags,
  runtime: Runtime = defaultRuntime,
): Promise<number> {
  // Before anything is typed.
  await asOperatorError(settings, async () => checkNewName(service));
  const input = await host.readSecret(`Secret for ${service} (not shown): `, LARGEST_SECRET + 2);
  const secret = flags.exact === true ? input : withoutLineBreak(input);
  try {
    if (secret.length === 0 || secret.length > LARGEST_SECRET)
      throw new OperatorError(
        `The secret must have 1 to ${LARGEST_SECRET} bytes, on stdin or typed. Nothing was written.`,
      );
    return await withVault(settings, host, flags, runtime, async ({ vault, wallet, layout, bucket }) => {
      const overwrite = flags.overwrite === true;
      await vault.put(service, secret, { overwrite, signal: host.signal });
      const document: VaultPutDocument = { version: 1, outcome: 'stored', wallet, service, layout, bucket };
      host.print(
        settings.json ? JSON.stringify(document, null, 2) : `Stored ${service} for ${wallet} in the bucket ${bucket}.`,
      );
      return 0;
    });
  } finally {
    input.fill(0);
  }
}

/** `echo` and editors end the last line, and no API key ends so. */
function withoutLineBreak(bytes: Uint8Array): Uint8Array {
  const end = bytes.at(-1) === 0x0a ? bytes.length - 1 : bytes.length;
  return bytes.subarray(0, end < bytes.length && bytes[end - 1] === 0x0d ? end - 1 : end);
}
