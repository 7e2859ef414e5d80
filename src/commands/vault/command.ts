/** The commands `vault put`, `get`, `list`, `remove`, `reencrypt` and `run`. */
import { type Command, InvalidArgumentError } from 'commander';
import type { SettingKey } from '../../settings/index.js';
import { addCommands, type CommandDefinition, type CommandRunner } from '../shared/definition.js';
import { addSettingFlags, connectionFlags, flag, mailboxFlags, outputFlags, vaultFlags } from '../shared/flags.js';
import { arnOfRole } from '../shared/parsers.js';

/** The flags that all of them have. @param bothLayouts the command uses both: there is no choice */
function addVaultFlags(command: Command, output: SettingKey[], bothLayouts = false): void {
  addSettingFlags(command, [...mailboxFlags, ...vaultFlags, ...connectionFlags, ...output]);
  if (!bothLayouts)
    command.addOption(
      flag(
        'Vault',
        '--layout <layout>',
        'wallet (the mail bucket) or omni (default: omni with --vault-bucket)',
      ).choices(['wallet', 'omni']),
    );
  const role = bothLayouts ? 'for the mail bucket [DATA_ROLE_ARN]' : '[DATA_ROLE_ARN, VAULT_ROLE_ARN]';
  command
    .addOption(flag('Vault', '--role-arn <arn>', `Role to assume with the token ${role}`).argParser(arnOfRole))
    .addOption(flag('Vault', '--key-file <path>', "A file with the wallet's private key, instead of the signer"))
    .addOption(
      flag('Vault', '--signer-account <id>', "The account that the signer signs for (default: the wallet's actor ID)"),
    )
    .addOption(
      flag(
        'Vault',
        '--signer-token-file <path>',
        "A file with the session token for the signer, such as AgentKeys' session.json",
      ),
    );
}

export const vault: CommandDefinition = (group, run) => {
  group.addHelpText(
    'after',
    `
Examples:
  agentkeys-ses-routing vault put openrouter --token-file t.jwt < key.txt
  agentkeys-ses-routing vault run --token-file t.jwt --env API_KEY=openrouter -- node agent.js
  agentkeys-ses-routing vault list --token-file t.jwt`,
  );
  addCommands(
    group,
    [
      { name: 'put', description: 'Encrypt and store a secret, read from stdin or typed', load: () => put },
      { name: 'get', description: 'Print a secret, and nothing else, to stdout', load: () => get },
      { name: 'list', description: 'List the services with a stored secret', load: () => list },
      { name: 'remove', description: "Delete a secret, or all of the wallet's", load: () => remove },
      {
        name: 'reencrypt',
        description: 'Encrypt all secrets of the mail bucket again, into the vault bucket',
        load: () => reencrypt,
      },
      { name: 'run', description: 'Run a command with secrets in its environment variables', load: () => runCommand },
    ],
    run,
  );
};

function put(command: Command, run: CommandRunner): void {
  command.argument('<service>', 'a-z, 0-9, dot, hyphen and underscore, at most 64');
  addVaultFlags(command, outputFlags);
  command
    .addOption(flag('Common', '--overwrite', 'Replace a secret that is stored already'))
    .addOption(flag('Common', '--exact', 'Keep a line break at the end of stdin'))
    .addHelpText(
      'after',
      `
Examples:
  agentkeys-ses-routing vault put openrouter --token-file t.jwt < key.txt
  agentkeys-ses-routing vault put openrouter --token-file t.jwt --overwrite`,
    )
    .action(
      run(async ({ settings, host, flags, operands, runtime }) =>
        (await import('./put.js')).put(settings, host, operands.join(), flags, runtime),
      ),
    );
}

function get(command: Command, run: CommandRunner): void {
  command.argument('<service>', 'As printed by `vault list`');
  addVaultFlags(command, outputFlags);
  command
    .addOption(flag('Common', '--reveal', 'Print it even if stdout is a terminal'))
    .addHelpText(
      'after',
      `
Examples:
  agentkeys-ses-routing vault get openrouter --token-file t.jwt | wc -c
  agentkeys-ses-routing vault get openrouter --token-file t.jwt --json

With --json, the document says that the secret can be read, without the secret.`,
    )
    .action(
      run(async ({ settings, host, flags, operands, runtime }) =>
        (await import('./get.js')).get(settings, host, operands.join(), flags, runtime),
      ),
    );
}

function list(command: Command, run: CommandRunner): void {
  addVaultFlags(command, outputFlags);
  command.action(
    run(async ({ settings, host, flags, runtime }) => (await import('./list.js')).list(settings, host, flags, runtime)),
  );
}

function remove(command: Command, run: CommandRunner): void {
  command.argument('[service]', 'As printed by `vault list`');
  addVaultFlags(command, ['yes', ...outputFlags]);
  command
    .addOption(flag('Common', '--all', "Everything of the wallet's below credentials/, in both places"))
    .addHelpText(
      'after',
      `
Examples:
  agentkeys-ses-routing vault remove openrouter --token-file t.jwt
  agentkeys-ses-routing vault remove --all --token-file t.jwt --yes`,
    )
    .action(
      run(async ({ settings, host, flags, operands: [service], runtime }) =>
        (await import('./remove.js')).remove(settings, host, service, flags, runtime),
      ),
    );
}

function reencrypt(command: Command, run: CommandRunner): void {
  addVaultFlags(command, ['yes', ...outputFlags], true);
  command
    .addOption(flag('Common', '--delete-old', 'Delete each old object after the new one was read back'))
    .addOption(flag('Vault', '--to-token-file <path>', 'Move to another wallet: a file with its token'))
    .addOption(
      flag('Vault', '--to-key-file <path>', "A file with the other wallet's private key, instead of the signer"),
    )
    .addOption(flag('Vault', '--to-signer-account <id>', 'The account that the signer signs for as the other wallet'))
    .addOption(
      flag('Vault', '--to-signer-token-file <path>', "A file with the other wallet's session token for the signer"),
    )
    .addHelpText(
      'after',
      `
Examples:
  agentkeys-ses-routing vault reencrypt --token-file t.jwt
  agentkeys-ses-routing vault reencrypt --token-file t.jwt --delete-old

It can be repeated after an interruption. Exit status: 0 all secrets are in the
vault bucket; 1 some are different there, or can't be read.`,
    )
    .action(
      run(async ({ settings, host, flags, runtime }) =>
        (await import('./reencrypt.js')).reencryptAll(settings, host, flags, runtime),
      ),
    );
}

/** `NAME=service`, once for each variable. */
function variable(text: string, before: ReadonlyMap<string, string> = new Map()): ReadonlyMap<string, string> {
  const { name = '', service = '' } = /^(?<name>[A-Za-z_]\w*)=(?<service>.+)$/s.exec(text)?.groups ?? {};
  if (name === '') throw new InvalidArgumentError('It must be NAME=service, such as OPENROUTER_API_KEY=openrouter.');
  if (before.has(name)) throw new InvalidArgumentError(`${name} is given twice.`);
  return new Map([...before, [name, service]]);
}

function runCommand(command: Command, run: CommandRunner): void {
  command.argument('<command...>', 'After --: the program and its arguments');
  // stdout is the command's.
  addVaultFlags(
    command,
    outputFlags.filter((key) => key !== 'json'),
  );
  command
    .addOption(
      flag('Common', '--env <NAME=service>', 'A variable, and the service whose secret it gets; repeatable')
        .argParser(variable)
        .makeOptionMandatory(),
    )
    .addHelpText(
      'after',
      `
Examples:
  agentkeys-ses-routing vault run --token-file t.jwt --env API_KEY=openrouter -- node agent.js

Signals are passed on to the command. Exit status: the command's; 128 and the
signal's number if a signal ended it; 127 if there is no such program; 126 if it
can't be executed; 1 if a secret can't be read, and the command was not started.`,
    )
    .action(
      run(async ({ settings, host, flags, operands, env, runtime }) =>
        // The parser above returns the map.
        (await import('./run.js')).run(
          settings,
          host,
          operands,
          { ...flags, env: flags.env as ReadonlyMap<string, string> },
          env,
          runtime,
        ),
      ),
    );
}
