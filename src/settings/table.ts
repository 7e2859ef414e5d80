/**
 * Every setting there is, in one list: the flags of the commands, the README and the loading of the settings are all made from
 * it. Importing it costs next to nothing.
 */
import type { Service } from '../agentkeys/services.js';
import * as is from './validators.js';

/** The settings' values. Those that may be absent have no default. */
export interface SettingValues {
  /** The mail bucket; where it is absent, `agentkeys-mail-<account>`. */
  bucket?: string;
  region?: string;
  profile?: string;
  account?: string;
  mailDomain?: string;
  /** In force: those that were given, or the default, and those of `services`. */
  prefixes: string[];
  /** What was named to be routed, besides what the prefixes say. */
  services?: Service[];
  /** When the terms of services were reviewed, by slug, as `YYYY-MM-DD`; what is recorded in AWS is not among them. */
  tosReviewed: Record<string, string>;
  brokerRole: string;
  brokerInstanceProfile?: string;
  /** The ARN of the role that agents assume; where it is absent, `agentkeys-data-role` of the account. */
  dataRole?: string;
  /** Whether the broker's policy is looked after. */
  broker: boolean;
  removeBroadGrants: boolean;
  functionName: string;
  roleName: string;
  ruleName: string;
  permissionsBoundary?: string;
  tags: Record<string, string>;
  /** MiB. */
  memory: number;
  /** Seconds. */
  timeout: number;
  reservedConcurrency?: number;
  logRetentionDays?: number;
  /** The least level that the function logs. */
  logLevel: 'info' | 'error';
  deleteSource: boolean;
  /** Whether what deploy.sh made stays, for good. */
  keepLegacy: boolean;
  endpointUrl?: string;
  /** A file with an agent's OIDC token. */
  webIdentityTokenFile?: string;
  /** The wallet whose mail is read, in lower case. */
  wallet?: string;
  /** The file of the broker's token. */
  tokenFile?: string;
  adopt: boolean;
  yes: boolean;
  json: boolean;
  quiet: boolean;
  debug: boolean;
  detailedExitcode: boolean;
  deleteLogs: boolean;
  /** Teardown's `--broker`: the broker's policy goes too. */
  teardownBroker: boolean;
}

export type SettingKey = keyof SettingValues;

/** A setting as the operator meets it. */
export interface SettingDefinition<T = unknown> {
  /** `--memory`; a switch that is on unless said otherwise has its negative, `--no-broker`. */
  flag: string;
  /** What `--help` calls the value, without brackets; a switch has none. */
  valueName?: string;
  /** `list`: the flag may be repeated, its value may be several with commas between; `pairs`: likewise, each one `key=value`. */
  takes: 'switch' | 'value' | 'list' | 'pairs';
  /** Whether the flag has a `--no-…` beside it. */
  negatable?: boolean;
  /** The environment variables that give it, the first one that is set winning; none where only the flag does. */
  environment: readonly string[];
  description: string;
  /** Whether it defines what is in AWS; it then also has a key, the same as here, in `agentkeys-ses-routing.json`. */
  definesState: boolean;
  default?: T;
  parse: is.Parser<NonNullable<T>>;
}

type Complete<T> = undefined extends T ? unknown : { default: T };

type Table = { readonly [K in SettingKey]-?: SettingDefinition<SettingValues[K]> & Complete<SettingValues[K]> };

const PREFIX = 'AGENTKEYS_SES_ROUTING_';

/** A switch that is off unless its flag is given. */
function onlySwitch(flag: string, description: string) {
  const parse = is.trueOrFalse;
  return { flag, takes: 'switch', environment: [], description, definesState: false, default: false, parse } as const;
}

const RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/** The settings by key, in the order in which they are shown. */
export const settingsTable: Table = {
  bucket: {
    flag: '--bucket',
    valueName: 'name',
    takes: 'value',
    environment: ['BUCKET'],
    description: 'the bucket SES stores mail in; without it, agentkeys-mail-<account>',
    definesState: true,
    parse: is.bucketName,
  },
  region: {
    flag: '--region',
    valueName: 'region',
    takes: 'value',
    environment: ['REGION', 'AWS_REGION', 'AWS_DEFAULT_REGION'],
    description: "the region of the bucket and the function; without it, the profile's",
    definesState: true,
    parse: is.region,
  },
  profile: {
    flag: '--profile',
    valueName: 'name',
    takes: 'value',
    environment: ['AWS_PROFILE'],
    description: "the profile in AWS's configuration files",
    definesState: false,
    parse: is.profileName,
  },
  account: {
    flag: '--account',
    valueName: 'id',
    takes: 'value',
    environment: ['ACCOUNT_ID'],
    description: 'the account it has to be; any other is refused',
    definesState: true,
    parse: is.accountId,
  },
  mailDomain: {
    flag: '--mail-domain',
    valueName: 'domain',
    takes: 'value',
    environment: ['MAIL_DOMAIN'],
    description: 'the only domain whose mail is routed; without it, any',
    definesState: true,
    parse: is.hostName,
  },
  prefixes: {
    flag: '--prefix',
    valueName: 'prefix',
    takes: 'list',
    environment: [`${PREFIX}PREFIX`],
    description: 'what routed local parts begin with; repeat it, or put commas between',
    definesState: true,
    default: ['or'],
    parse: is.prefixes,
  },
  services: {
    flag: '--service',
    valueName: 'slug',
    takes: 'list',
    environment: [`${PREFIX}SERVICE`],
    description:
      'a service to route too, by adding its prefix; repeat it, or put commas between; `services` lists them',
    definesState: true,
    parse: is.services,
  },
  tosReviewed: {
    flag: '--tos-reviewed',
    valueName: 'slug=YYYY-MM-DD',
    takes: 'pairs',
    environment: [`${PREFIX}TOS_REVIEWED`],
    description: "when a service's terms were reviewed; recorded, it stands until another day is given",
    definesState: true,
    default: {},
    parse: is.tosReviewed,
  },
  brokerRole: {
    flag: '--broker-role',
    valueName: 'name',
    takes: 'value',
    environment: ['BROKER_ROLE'],
    description: "the broker host's role, whose reading is cut down to inbound/",
    definesState: true,
    default: 'agentkeys-broker-host',
    parse: is.roleName,
  },
  brokerInstanceProfile: {
    flag: '--broker-instance-profile',
    valueName: 'name',
    takes: 'value',
    environment: [`${PREFIX}BROKER_INSTANCE_PROFILE`],
    description: "the broker host's instance profile, in place of its role",
    definesState: true,
    parse: is.instanceProfileName,
  },
  broker: {
    flag: '--no-broker',
    takes: 'switch',
    environment: [`${PREFIX}BROKER`],
    description: "leave the broker's policy alone",
    definesState: true,
    default: true,
    parse: is.trueOrFalse,
  },
  dataRole: {
    flag: '--data-role',
    valueName: 'arn',
    takes: 'value',
    environment: ['DATA_ROLE_ARN'],
    description: 'the role that agents assume, named in what the plan tells of it; without it, agentkeys-data-role',
    definesState: false,
    parse: is.roleArn,
  },
  removeBroadGrants: onlySwitch(
    '--remove-broad-grants',
    'where a policy lets the broker read more than inbound/, take all it grants on this bucket',
  ),
  functionName: {
    flag: '--function-name',
    valueName: 'name',
    takes: 'value',
    environment: [`${PREFIX}FUNCTION_NAME`],
    description: "the Lambda function's name",
    definesState: true,
    default: 'agentkeys-ses-routing',
    parse: is.functionName,
  },
  roleName: {
    flag: '--role-name',
    valueName: 'name',
    takes: 'value',
    environment: [`${PREFIX}ROLE_NAME`],
    description: "the execution role's name",
    definesState: true,
    default: 'agentkeys-ses-routing-role',
    parse: is.roleName,
  },
  ruleName: {
    flag: '--rule-name',
    valueName: 'name',
    takes: 'value',
    environment: [`${PREFIX}RULE_NAME`],
    description: "the EventBridge rule's name",
    definesState: true,
    default: 'agentkeys-ses-routing-inbound',
    parse: is.ruleName,
  },
  permissionsBoundary: {
    flag: '--permissions-boundary',
    valueName: 'arn',
    takes: 'value',
    environment: [`${PREFIX}PERMISSIONS_BOUNDARY`],
    description: "the policy that bounds the execution role's permissions",
    definesState: true,
    parse: is.policyArn,
  },
  tags: {
    flag: '--tag',
    valueName: 'key=value',
    takes: 'pairs',
    environment: [`${PREFIX}TAG`],
    description: 'a tag for everything that is created; repeat it for more',
    definesState: true,
    default: {},
    parse: is.tags,
  },
  memory: {
    flag: '--memory',
    valueName: 'MiB',
    takes: 'value',
    environment: [`${PREFIX}MEMORY`],
    description: "the function's memory",
    definesState: true,
    default: 256,
    parse: is.wholeNumber('a whole number of MiB from 128 to 10240', 128, 10240),
  },
  timeout: {
    flag: '--timeout',
    valueName: 'seconds',
    takes: 'value',
    environment: [`${PREFIX}TIMEOUT`],
    description: "the function's timeout",
    definesState: true,
    default: 30,
    parse: is.wholeNumber('a whole number of seconds from 1 to 900', 1, 900),
  },
  reservedConcurrency: {
    flag: '--reserved-concurrency',
    valueName: 'number',
    takes: 'value',
    environment: [`${PREFIX}RESERVED_CONCURRENCY`],
    description: "how much of the account's concurrency is kept for the function",
    definesState: true,
    parse: is.wholeNumber('a whole number of 1 or more (0 would stop routing)', 1, 999_999_999),
  },
  logRetentionDays: {
    flag: '--log-retention-days',
    valueName: 'days',
    takes: 'value',
    environment: [`${PREFIX}LOG_RETENTION_DAYS`],
    description: 'how long logs are kept; without it, 30 for a log group created here, and no change to another',
    definesState: true,
    parse: is.oneOf('a number of days that CloudWatch Logs knows', RETENTION_DAYS),
  },
  logLevel: {
    flag: '--log-level',
    valueName: 'level',
    takes: 'value',
    environment: [`${PREFIX}LOG_LEVEL`],
    description: 'what the function logs: info, a line for each message; error, only what needs somebody',
    definesState: true,
    default: 'info',
    parse: is.oneOfWords(['info', 'error']),
  },
  deleteSource: {
    flag: '--delete-source',
    takes: 'switch',
    negatable: true,
    environment: [`${PREFIX}DELETE_SOURCE`],
    description: 'delete a message under inbound/ once it has been routed',
    definesState: true,
    default: false,
    parse: is.trueOrFalse,
  },
  keepLegacy: {
    flag: '--keep-legacy',
    takes: 'switch',
    negatable: true,
    environment: [`${PREFIX}KEEP_LEGACY`],
    description: "leave deploy.sh's router in place for good",
    definesState: true,
    default: false,
    parse: is.trueOrFalse,
  },
  endpointUrl: {
    flag: '--endpoint-url',
    valueName: 'url',
    takes: 'value',
    environment: ['AWS_ENDPOINT_URL'],
    description: "where AWS's services are spoken to, in place of AWS's own endpoints",
    definesState: false,
    parse: is.endpointUrl,
  },
  webIdentityTokenFile: {
    flag: '--web-identity-token-file',
    valueName: 'path',
    takes: 'value',
    environment: ['AWS_WEB_IDENTITY_TOKEN_FILE'],
    description: "a file with an agent's token: verify tries what it opens",
    definesState: false,
    parse: is.path,
  },
  wallet: {
    flag: '--wallet',
    valueName: '0x…',
    takes: 'value',
    environment: ['AGENTKEYS_USER_WALLET'],
    description: "the wallet whose mail is read; without it, the token's",
    definesState: false,
    parse: is.wallet,
  },
  tokenFile: {
    flag: '--token-file',
    valueName: 'path',
    takes: 'value',
    environment: [`${PREFIX}TOKEN_FILE`],
    description: "a file with the broker's token; mail is read with the role that it opens",
    definesState: false,
    parse: is.path,
  },
  adopt: onlySwitch('--adopt', 'take over a role, function or rule of the same name that is not ours'),
  yes: onlySwitch('--yes', 'answer yes to what would be lost; adoption and broad grants have flags of their own'),
  json: onlySwitch('--json', 'write the result as JSON to stdout'),
  quiet: onlySwitch('--quiet', 'no progress'),
  debug: onlySwitch('--debug', 'show stack traces'),
  detailedExitcode: onlySwitch('--detailed-exitcode', 'exit with 2 when there is something to do'),
  deleteLogs: onlySwitch('--delete-logs', 'delete the log group too'),
  teardownBroker: onlySwitch('--broker', "undo the broker's policy too, and give back what was taken from it"),
};

function keysOf<T extends object>(table: T): Array<Extract<keyof T, string>> {
  const keys: Array<Extract<keyof T, string>> = [];
  for (const key in table) keys.push(key);
  return keys;
}

/** The settings' keys in the order of the table. */
export const settingKeys: readonly SettingKey[] = keysOf(settingsTable);

/** The two flags that say where settings are read from. */
export const fileFlags = {
  config: {
    flag: '--config',
    valueName: 'path',
    description: 'the settings file; without it, agentkeys-ses-routing.json in this directory, if there is one',
  },
  envFile: { flag: '--env-file', valueName: 'path', description: 'a file of NAME=value lines to read variables from' },
} as const;
