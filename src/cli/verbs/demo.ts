/** The command `demo`. */
import { offer } from '../flags.js';
import type { Verb } from '../verb.js';

export const demo: Verb = (root, runs) => {
  const command = root
    .command('demo')
    .description('the whole story on an embedded AWS; needs no account, takes seconds');
  offer(command, ['quiet', 'debug'], false);
  command
    .option('--keep', 'leave the embedded AWS running, and say how to reach it')
    .addHelpText(
      'after',
      `
Examples:
  agentkeys-ses-routing demo
  agentkeys-ses-routing demo --keep   then run any command against it`,
    )
    .action(
      runs(
        async ({ host, flags }) => (await import('../../commands/demo.js')).demo(host, { keep: flags.keep === true }),
        'apart',
      ),
    );
};
