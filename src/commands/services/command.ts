/** The command `services`. */

import type { CommandDefinition } from '../shared/definition.js';
import { addSettingFlags } from '../shared/flags.js';

export const services: CommandDefinition = (command, run) => {
  addSettingFlags(command, ['prefixes', 'services', 'tosReviewed', 'json', 'color', 'debug']);
  command
    .addHelpText(
      'after',
      `
Makes no AWS calls: "on" is what a deploy with the same flags, variables and
files would route. To see what is on in AWS, use \`status\`.

A planned service is off until you turn it on with --service. AgentKeys requires
a review of a service's terms before the first live sign-up, so deploy requires
its date: --tos-reviewed. The date is recorded in the function's environment.

Examples:
  agentkeys-ses-routing services
  agentkeys-ses-routing services --service groq --json
  agentkeys-ses-routing deploy --service groq --tos-reviewed groq=2026-11-21`,
    )
    .action(run(async ({ settings, host }) => (await import('./services.js')).services(settings, host)));
};
