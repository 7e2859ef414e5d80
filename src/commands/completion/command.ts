/** The command `completion`. */
import { Argument } from 'commander';
import type { CommandDefinition } from '../shared/definition.js';
import { addSettingFlags } from '../shared/flags.js';
import type { Shell } from './completion.js';

const shells: readonly Shell[] = ['bash', 'zsh', 'fish'];

export const completion: CommandDefinition = (command, run) => {
  command.addArgument(new Argument('<shell>', 'The shell that is to run the script').choices(shells));
  addSettingFlags(command, ['color', 'debug'], false);
  command
    .addHelpText(
      'after',
      `
The script asks this program, by its name on PATH, and makes no AWS calls.
Values are completed too: services, the stacks in the settings file, and words
such as those of --runtime. Paths are completed by the shell.

Examples:
  agentkeys-ses-routing completion bash >> ~/.bashrc
  agentkeys-ses-routing completion zsh > ~/.zfunc/_agentkeys-ses-routing
  agentkeys-ses-routing completion fish >> ~/.config/fish/config.fish`,
    )
    .action(
      run(
        async ({ host, operands: [shell] }) =>
          // Commander has checked it against the choices.
          (await import('./completion.js')).printScript(host, shell as Shell),
        { ignoreOperatorSettings: true },
      ),
    );
};
