/**
 * What the settings are: their values, and how each is given.
 */
import type { Service } from '../agentkeys/services.js';
import type { Parser } from './validators.js';

/** The values of the settings. Optional ones have no default. */
export interface SettingValues {
  /** The stack's name; absent for the unnamed one. */
  stack?: string;
  /** The mail bucket; `agentkeys-mail-<account>` when absent, with the stack's name before the account. */
  bucket?: string;
  /** The bucket that a deploy may move the stack from. */
  moveFromBucket?: string;
  region?: string;
  profile?: string;
  account?: string;
  mailDomain?: string;
  /** The prefixes to route: those given or the default, and those of `services`. */
  prefixes: string[];
  /** Services to route in addition to the given prefixes. */
  services?: Service[];
  /** The dates on which services' terms were reviewed, `YYYY-MM-DD` by slug, without those recorded in AWS. */
  tosReviewed: Record<string, string>;
  brokerRole: string;
  brokerInstanceProfile?: string;
  /** The ARN of the role that agents assume; the account's `agentkeys-data-role` when absent, with the stack's name at its end. */
  dataRole?: string;
  /** The ARN of the OIDC provider whose tokens open that role. */
  oidcProvider?: string;
  /** Whether to manage the broker's policy. */
  broker: boolean;
  /** Whether the broker is to list and read `inbound/`; when absent, what was recorded or what its policies show. */
  brokerReadsInbound?: boolean;
  /** Whether `verify` asks IAM Access Analyzer too. */
  accessAnalyzer: boolean;
  /** ARNs of principals of this account that may reach the mail, besides the broker, agents and the function. */
  trustedPrincipals: string[];
  removeBroadGrants: boolean;
  functionName: string;
  roleName: string;
  ruleName: string;
  permissionsBoundary?: string;
  tags: Record<string, string>;
  /** The function's runtime in Lambda. */
  runtime: 'nodejs24.x' | 'nodejs22.x';
  /** The function's instruction set. */
  architecture: 'arm64' | 'x86_64';
  /** MiB. */
  memory: number;
  /** Seconds. */
  timeout: number;
  reservedConcurrency?: number;
  logRetentionDays?: number;
  /** Whether to manage the log group's retention. */
  logRetention: boolean;
  /** The lowest level that the function logs. */
  logLevel: 'info' | 'error';
  deleteSource: boolean;
  /** Whether events that fail are retried from a queue. */
  retryQueue: boolean;
  /** Whether the retry queue replaces a dead-letter queue or destination that others set. */
  takeRetrySlots: boolean;
  /** The ARN of the SNS topic that alarms tell; without one there are no alarms. */
  alarmTopic?: string;
  /** Whether to keep the router that deploy.sh created. */
  keepLegacy: boolean;
  /** Whether agents keep secrets in the mail bucket, under `bots/<wallet>/credentials/`. */
  vault: boolean;
  endpointUrl?: string;
  /** The path of a file with an agent's OIDC token. */
  webIdentityTokenFile?: string;
  /** The agent's wallet, in lower case. */
  wallet?: string;
  /** The path of a file with the broker's token. */
  tokenFile?: string;
  /** The bucket of the vault's layout `omni`; `agentkeys-vault-<account>` when absent. */
  vaultBucket?: string;
  /** The ARN of the role that agents assume for that bucket. */
  vaultRole?: string;
  /** The URL of AgentKeys' signer. */
  signerUrl?: string;
  adopt: boolean;
  yes: boolean;
  /** Whether colors may be used. */
  color: boolean;
  json: boolean;
  quiet: boolean;
  debug: boolean;
  detailedExitcode: boolean;
  deleteLogs: boolean;
  /** `teardown --broker`: remove the broker's policy too. */
  teardownBroker: boolean;
}

export type SettingKey = keyof SettingValues;

/** The headings of --help that flags stand under, in their order. */
export const flagGroups = ['Common', 'Routing', 'Function', 'Broker', 'Vault', 'Output'] as const;

export type FlagGroup = (typeof flagGroups)[number];

/** How a setting is given. */
export interface SettingDefinition<T = unknown> {
  /** `--memory`; for a switch that is on by default its negative, `--no-broker`. */
  flag: string;
  group: FlagGroup;
  /** The flag's short form, `-y`. */
  short?: string;
  /** The placeholder of the value in `--help`, without brackets; a switch has none. */
  valueName?: string;
  /** `list`: the flag may be repeated, and its value may be a comma-separated list; `pairs`: a list of `key=value`. */
  takes: 'switch' | 'value' | 'list' | 'pairs';
  /** Whether the flag also has a `--no-…` form. */
  negatable?: boolean;
  /** Its environment variables, in order of precedence; empty for a setting that only has a flag. */
  environment: readonly string[];
  /** Without a full stop. */
  description: string;
  /** Whether it is part of the stack's configuration, and so can be set in `agentkeys-ses-routing.json`, by its key in this table. */
  definesState: boolean;
  default?: T;
  parse: Parser<NonNullable<T>>;
}

/** A setting's description for its flag. */
export function flagDescription({ description, takes }: SettingDefinition): string {
  const repeats = { switch: '', value: '', list: '; repeatable, or comma-separated', pairs: '; repeatable' };
  return `${description}${repeats[takes]}`;
}
