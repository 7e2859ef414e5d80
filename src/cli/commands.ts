/**
 * The commands, in the order of --help. Each is loaded when it is asked for.
 */
import type { ListedCommand } from '../commands/shared/definition.js';

export const commands: readonly ListedCommand[] = [
  {
    name: 'deploy',
    description: 'Create or update the stack (idempotent)',
    load: async () => (await import('../commands/deploy/command.js')).deploy,
  },
  {
    name: 'teardown',
    description: 'Delete the stack; mail is kept',
    load: async () => (await import('../commands/teardown/command.js')).teardown,
  },
  {
    name: 'status',
    description: 'Show drift, the newest mail and metrics of the last day; read-only',
    load: async () => (await import('../commands/status/command.js')).status,
  },
  {
    name: 'logs',
    description: "Show the function's log, newest last; read-only",
    load: async () => (await import('../commands/logs/command.js')).logs,
  },
  {
    name: 'trace',
    description: 'Explain why a message is where it is; read-only',
    load: async () => (await import('../commands/trace/command.js')).trace,
  },
  {
    name: 'verify',
    description: 'Check the stack, mail isolation, and routing with a live probe',
    load: async () => (await import('../commands/verify/command.js')).verify,
  },
  {
    name: 'backfill',
    description: 'Route the mail that is already in inbound/ (idempotent)',
    load: async () => (await import('../commands/backfill/command.js')).backfill,
  },
  {
    name: 'services',
    description: 'List the services that agents sign up for, and which of them are on',
    load: async () => (await import('../commands/services/command.js')).services,
  },
  {
    name: 'address',
    description: 'Print a sign-up address whose mail is routed to the wallet',
    load: async () => (await import('../commands/address/command.js')).address,
  },
  {
    name: 'inbox',
    description: "Read a wallet's mail",
    load: async () => (await import('../commands/inbox/command.js')).inbox,
  },
  {
    name: 'vault',
    description: "Keep a wallet's API keys, encrypted",
    load: async () => (await import('../commands/vault/command.js')).vault,
  },
  {
    name: 'demo',
    description: 'Deploy, route mail and tear down on an embedded AWS; requires no account',
    load: async () => (await import('../commands/demo/command.js')).demo,
  },
  {
    name: 'policy',
    description: 'Print the IAM policy that an operator needs for a task',
    load: async () => (await import('../commands/policy/command.js')).policy,
  },
  {
    name: 'completion',
    description: 'Print the script that lets a shell complete commands, flags and values',
    load: async () => (await import('../commands/completion/command.js')).completion,
  },
];
