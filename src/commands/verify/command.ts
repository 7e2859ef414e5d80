/** The command `verify`. */

import type { CommandDefinition } from '../shared/definition.js';
import { addSettingFlags, connectionFlags, flag, nameFlags, outputFlags, stackFlags } from '../shared/flags.js';
import { wholeNumber } from '../shared/parsers.js';

/** Default wait for the probe, seconds: EventBridge starts to deliver about five minutes after it is turned on. */
export const probeTimeout = 360;

export const verify: CommandDefinition = (command, run) => {
  const checkedFlags = stackFlags.filter((key) => key !== 'removeBroadGrants' && key !== 'timeout');
  addSettingFlags(command, [
    ...connectionFlags,
    ...checkedFlags,
    ...nameFlags,
    'vaultBucket',
    'vaultRole',
    'webIdentityTokenFile',
    'accessAnalyzer',
    ...outputFlags,
  ]);
  command
    .addOption(
      flag('Common', '--timeout <seconds>', 'How long to wait for the probe message')
        .default(probeTimeout)
        .argParser(wholeNumber(1, 3_600, 'seconds')),
    )
    .addHelpText(
      'after',
      `
Each check is OK, FAIL with how to fix it, or SKIP with the reason:
  - the stack is in sync: a deploy would change nothing;
  - the policies give the broker, agents, the function, SES and the public the
    access to the mail that they need, and no more: by AWS's policy simulator
    and by this tool's evaluator, which includes the bucket policy;
  - nobody but the broker's OIDC provider opens the role that agents assume:
    anybody else who could open it could choose the wallet;
  - the bucket policy, the data role's trust and the broker's policies grant no
    more by IAM Access Analyzer either, which AWS charges for: three calls, none
    with --no-access-analyzer;
  - SES's receipt rules store mail in the bucket, under inbound/, unencrypted;
  - a probe message to an unused wallet is put into inbound/ and must be routed;
    one to a login address must stay. Both are deleted, also after Ctrl-C.
    EventBridge starts to deliver about five minutes after it is turned on. Then
    its event is put into the retry queue, and it must be routed again;
  - with an agent's token: its session reads its own mail and no other.

Examples:
  agentkeys-ses-routing verify --envfile operator-workstation.env
  agentkeys-ses-routing verify --timeout 30 --json
  agentkeys-ses-routing verify --web-identity-token-file token.jwt
  agentkeys-ses-routing deploy --verify     deploy, then verify

Exit status: 0 no check is FAIL; 1 a check is FAIL, or an error;
130 interrupted.`,
    )
    .action(
      run(async ({ settings, host, flags, runtime }) => {
        const { verify } = await import('./verify.js');
        return verify(settings, host, { timeout: Number(flags.timeout), ...(runtime && { runtime }) });
      }),
    );
};
