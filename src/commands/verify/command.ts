/** The command `verify`. */

import type { CommandDefinition } from '../shared/definition.js';
import { addSettingFlags, connectionFlags, nameFlags, outputFlags, stackFlags } from '../shared/flags.js';
import { wholeNumber } from '../shared/parsers.js';
import { probeTimeout } from './defaults.js';

export const verify: CommandDefinition = (root, runs) => {
  const command = root
    .command('verify')
    .description('check that it is as it should be, that it isolates, and that mail is routed');
  const judged = stackFlags.filter((key) => key !== 'removeBroadGrants' && key !== 'timeout');
  addSettingFlags(command, [...connectionFlags, ...judged, ...nameFlags, 'webIdentityTokenFile', ...outputFlags]);
  command
    .option('--timeout <seconds>', 'how long the probe is waited for', wholeNumber(1, 3_600, 'seconds'), probeTimeout)
    .addHelpText(
      'after',
      `
Each check comes to OK, to NG (not good) with what to do, or to SKIP with why:
  - the stack is what a deploy would make of it;
  - by the policies, broker, agents, function, SES and everybody can do with the
    mail just what they should: by AWS's policy simulator and by an evaluator of
    our own, which knows the bucket's policy too;
  - SES's receipt rules store mail in the bucket, under inbound/, in the clear;
  - a message for a wallet of nobody's is put into inbound/ and must be routed,
    one of login must stay. Both are deleted again, also after Ctrl-C.
    EventBridge begins to deliver five minutes after it was turned on;
  - with an agent's token, that its session reads its own mail and no other.

Examples:
  agentkeys-ses-routing verify --env-file operator-workstation.env
  agentkeys-ses-routing verify --timeout 30 --json
  agentkeys-ses-routing verify --web-identity-token-file token.jwt
  agentkeys-ses-routing deploy --verify     directly after a deploy

Exit status: 0 nothing is NG; 1 something is, or it failed; 130 interrupted.`,
    )
    .action(
      runs(async ({ settings, host, flags, runtime }) => {
        const { verify } = await import('./verify.js');
        return verify(settings, host, { timeout: Number(flags.timeout), ...(runtime && { runtime }) });
      }),
    );
};
