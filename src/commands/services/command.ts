/** The command `services`. */

import type { CommandDefinition } from '../shared/definition.js';
import { addSettingFlags } from '../shared/flags.js';

export const services: CommandDefinition = (root, runs) => {
  const command = root
    .command('services')
    .description('list the services that agents sign up for, and which of them are on');
  addSettingFlags(command, ['prefixes', 'services', 'tosReviewed', 'json', 'debug']);
  command
    .addHelpText(
      'after',
      `
It asks AWS nothing: what is on is what a deploy with the same flags, variables
and files would turn on. \`status\` tells what is on in AWS.

A planned service is off until it is named. AgentKeys' rule is that a service's
terms are reviewed before the first live sign-up, so deploy wants to know when
that was done. It is recorded in the function's environment, and stands there.

Examples:
  agentkeys-ses-routing services
  agentkeys-ses-routing services --service groq --json
  agentkeys-ses-routing deploy --service groq --tos-reviewed groq=2026-11-21`,
    )
    .action(runs(async ({ settings, host }) => (await import('./services.js')).services(settings, host)));
};
