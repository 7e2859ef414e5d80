/**
 * All settings, in one list. The commands' flags, their documentation, the JSON Schema of the settings file and the loading of the
 * settings are generated from it. It is cheap to import.
 */
import { stackNames } from '../agentkeys/names.js';
import type { SettingDefinition, SettingKey, SettingValues } from './definition.js';
import * as is from './validators.js';

type Complete<T> = undefined extends T ? unknown : { default: T };

type Table = { readonly [K in SettingKey]-?: SettingDefinition<SettingValues[K]> & Complete<SettingValues[K]> };

/** How the names of this tool's own variables begin. */
export const variablePrefix = 'AGENTKEYS_SES_ROUTING_';

const PREFIX = variablePrefix;

/** The unnamed stack's names; a named stack's contain its name. */
const names = stackNames();

/** A switch that only its flag turns on. */
function onlySwitch(flag: string, description: string) {
  const parse = is.trueOrFalse;
  return { flag, takes: 'switch', environment: [], description, definesState: false, default: false, parse } as const;
}

/** The settings by key, in the order of the documentation. */
export const settingsTable: Table = {
  stack: {
    flag: '--stack',
    valueName: 'name',
    takes: 'value',
    environment: [`${PREFIX}STACK`],
    description: 'The name of the stack, if the account has several: each has resources of its own',
    definesState: false,
    parse: is.stackName,
  },
  bucket: {
    flag: '--bucket',
    valueName: 'name',
    takes: 'value',
    environment: ['BUCKET'],
    description: 'The S3 bucket that SES stores mail in (default: agentkeys-mail-<account>)',
    definesState: true,
    parse: is.bucketName,
  },
  moveFromBucket: {
    flag: '--move-from-bucket',
    valueName: 'name',
    takes: 'value',
    environment: [],
    description: 'Move the stack from this bucket, which it serves now',
    definesState: false,
    parse: is.bucketName,
  },
  region: {
    flag: '--region',
    valueName: 'region',
    takes: 'value',
    environment: ['REGION', 'AWS_REGION', 'AWS_DEFAULT_REGION'],
    description: "The region of the bucket and the function (default: the profile's)",
    definesState: true,
    parse: is.region,
  },
  profile: {
    flag: '--profile',
    valueName: 'name',
    takes: 'value',
    environment: ['AWS_PROFILE'],
    description: 'The profile in the AWS configuration files',
    definesState: false,
    parse: is.profileName,
  },
  account: {
    flag: '--account',
    valueName: 'id',
    takes: 'value',
    environment: ['ACCOUNT_ID'],
    description: 'Expected account ID; abort if the credentials belong to another',
    definesState: true,
    parse: is.accountId,
  },
  mailDomain: {
    flag: '--mail-domain',
    valueName: 'domain',
    takes: 'value',
    environment: ['MAIL_DOMAIN'],
    description: 'Route only mail to this domain (default: any domain)',
    definesState: true,
    parse: is.hostName,
  },
  prefixes: {
    flag: '--prefix',
    valueName: 'prefix',
    takes: 'list',
    environment: [`${PREFIX}PREFIX`],
    description: 'A prefix of local parts to route',
    definesState: true,
    default: ['or'],
    parse: is.prefixes,
  },
  services: {
    flag: '--service',
    valueName: 'slug',
    takes: 'list',
    environment: [`${PREFIX}SERVICE`],
    description: 'A service to route in addition, see the services command',
    definesState: true,
    parse: is.services,
  },
  tosReviewed: {
    flag: '--tos-reviewed',
    valueName: 'slug=YYYY-MM-DD',
    takes: 'pairs',
    environment: [`${PREFIX}TOS_REVIEWED`],
    description: "The date on which a service's terms were reviewed; recorded until replaced",
    definesState: true,
    default: {},
    parse: is.tosReviewed,
  },
  brokerRole: {
    flag: '--broker-role',
    valueName: 'name',
    takes: 'value',
    environment: ['BROKER_ROLE'],
    description: "The name of the broker's IAM role, whose read access is limited to inbound/",
    definesState: true,
    default: names.brokerRole,
    parse: is.roleName,
  },
  brokerInstanceProfile: {
    flag: '--broker-instance-profile',
    valueName: 'name',
    takes: 'value',
    environment: [`${PREFIX}BROKER_INSTANCE_PROFILE`],
    description: "The name of the broker's instance profile, instead of its role",
    definesState: true,
    parse: is.instanceProfileName,
  },
  broker: {
    flag: '--no-broker',
    takes: 'switch',
    environment: [`${PREFIX}BROKER`],
    description: "Do not manage the broker's policy",
    definesState: true,
    default: true,
    parse: is.trueOrFalse,
  },
  brokerReadsInbound: {
    flag: '--broker-reads-inbound',
    takes: 'switch',
    negatable: true,
    environment: [`${PREFIX}BROKER_READS_INBOUND`],
    description: 'Let the broker list and read inbound/, which magic-link login needs',
    definesState: true,
    parse: is.trueOrFalse,
  },
  accessAnalyzer: {
    flag: '--no-access-analyzer',
    takes: 'switch',
    environment: [`${PREFIX}ACCESS_ANALYZER`],
    description: 'Do not ask IAM Access Analyzer, which charges for each call, when verifying',
    definesState: true,
    default: true,
    parse: is.trueOrFalse,
  },
  dataRole: {
    flag: '--data-role',
    valueName: 'arn',
    takes: 'value',
    environment: ['DATA_ROLE_ARN'],
    description: 'The ARN of the role that agents assume (default: agentkeys-data-role)',
    definesState: false,
    parse: is.roleArn,
  },
  oidcProvider: {
    flag: '--oidc-provider',
    valueName: 'arn',
    takes: 'value',
    environment: ['OIDC_PROVIDER_ARN'],
    description: "The ARN of the broker's OIDC provider; verify fails if another one opens the agents' role",
    definesState: false,
    parse: is.oidcProviderArn,
  },
  trustedPrincipals: {
    flag: '--trusted-principal',
    valueName: 'arn',
    takes: 'list',
    environment: [`${PREFIX}TRUSTED_PRINCIPAL`],
    description: 'The ARN of a user, role or account that the bucket policy may let reach the mail',
    definesState: true,
    default: [],
    parse: is.principalArns,
  },
  removeBroadGrants: onlySwitch(
    '--remove-broad-grants',
    "Remove the broker's access to this bucket from policies that grant more than reading inbound/",
  ),
  functionName: {
    flag: '--function-name',
    valueName: 'name',
    takes: 'value',
    environment: [`${PREFIX}FUNCTION_NAME`],
    description: 'The name of the Lambda function',
    definesState: true,
    default: names.functionName,
    parse: is.functionName,
  },
  roleName: {
    flag: '--role-name',
    valueName: 'name',
    takes: 'value',
    environment: [`${PREFIX}ROLE_NAME`],
    description: 'The name of the execution role',
    definesState: true,
    default: names.roleName,
    parse: is.roleName,
  },
  ruleName: {
    flag: '--rule-name',
    valueName: 'name',
    takes: 'value',
    environment: [`${PREFIX}RULE_NAME`],
    description: 'The name of the EventBridge rule',
    definesState: true,
    default: names.ruleName,
    parse: is.ruleName,
  },
  permissionsBoundary: {
    flag: '--permissions-boundary',
    valueName: 'arn',
    takes: 'value',
    environment: [`${PREFIX}PERMISSIONS_BOUNDARY`],
    description: "The ARN of the execution role's permissions boundary",
    definesState: true,
    parse: is.policyArn,
  },
  tags: {
    flag: '--tag',
    valueName: 'key=value',
    takes: 'pairs',
    environment: [`${PREFIX}TAG`],
    description: 'A tag for all resources that are created',
    definesState: true,
    default: {},
    parse: is.tags,
  },
  runtime: {
    flag: '--runtime',
    valueName: 'name',
    takes: 'value',
    environment: [`${PREFIX}RUNTIME`],
    description: 'The Lambda runtime of the function: nodejs24.x or nodejs22.x',
    definesState: true,
    default: 'nodejs24.x',
    parse: is.runtime,
  },
  architecture: {
    flag: '--architecture',
    valueName: 'name',
    takes: 'value',
    environment: [`${PREFIX}ARCHITECTURE`],
    description: 'The instruction set of the function: arm64 or x86_64',
    definesState: true,
    default: 'arm64',
    parse: is.oneOfWords(['arm64', 'x86_64']),
  },
  memory: {
    flag: '--memory',
    valueName: 'MiB',
    takes: 'value',
    environment: [`${PREFIX}MEMORY`],
    description: 'The memory of the function in MiB',
    definesState: true,
    default: 256,
    parse: is.wholeNumber('a whole number of MiB from 128 to 10240', 128, 10240),
  },
  timeout: {
    flag: '--timeout',
    valueName: 'seconds',
    takes: 'value',
    environment: [`${PREFIX}TIMEOUT`],
    description: 'The timeout of the function in seconds',
    definesState: true,
    default: 30,
    parse: is.wholeNumber('a whole number of seconds from 1 to 900', 1, 900),
  },
  reservedConcurrency: {
    flag: '--reserved-concurrency',
    valueName: 'number',
    takes: 'value',
    environment: [`${PREFIX}RESERVED_CONCURRENCY`],
    description: 'The number of concurrent executions to reserve for the function',
    definesState: true,
    parse: is.wholeNumber('a whole number of 1 or more (0 would stop routing)', 1, 999_999_999),
  },
  logRetentionDays: {
    flag: '--log-retention-days',
    valueName: 'days',
    takes: 'value',
    environment: [`${PREFIX}LOG_RETENTION_DAYS`],
    description: 'The retention of the log group in days (default: 30 for a new log group)',
    definesState: true,
    parse: is.logRetentionDays,
  },
  logRetention: {
    flag: '--no-log-retention',
    takes: 'switch',
    environment: [`${PREFIX}LOG_RETENTION`],
    description: "Leave the log group's retention as it is",
    definesState: true,
    default: true,
    parse: is.trueOrFalse,
  },
  logLevel: {
    flag: '--log-level',
    valueName: 'level',
    takes: 'value',
    environment: [`${PREFIX}LOG_LEVEL`],
    description: 'The log level of the function: info, a line for each message; error, problems only',
    definesState: true,
    default: 'info',
    parse: is.oneOfWords(['info', 'error']),
  },
  deleteSource: {
    flag: '--delete-source',
    takes: 'switch',
    negatable: true,
    environment: [`${PREFIX}DELETE_SOURCE`],
    description: 'Delete messages from inbound/ after routing them',
    definesState: true,
    default: false,
    parse: is.trueOrFalse,
  },
  retryQueue: {
    flag: '--retry-queue',
    takes: 'switch',
    negatable: true,
    environment: [`${PREFIX}RETRY_QUEUE`],
    description: 'Keep events that fail in an SQS queue, and retry them for 14 days',
    definesState: true,
    default: false,
    parse: is.trueOrFalse,
  },
  keepLegacy: {
    flag: '--keep-legacy',
    takes: 'switch',
    negatable: true,
    environment: [`${PREFIX}KEEP_LEGACY`],
    description: 'Keep the router that deploy.sh created',
    definesState: true,
    default: false,
    parse: is.trueOrFalse,
  },
  vault: {
    flag: '--vault',
    takes: 'switch',
    negatable: true,
    environment: [`${PREFIX}VAULT`],
    description: "Provide for agents' secrets in the mail bucket, under bots/<wallet>/credentials/",
    definesState: true,
    default: false,
    parse: is.trueOrFalse,
  },
  endpointUrl: {
    flag: '--endpoint-url',
    valueName: 'url',
    takes: 'value',
    environment: ['AWS_ENDPOINT_URL'],
    description: 'Send AWS calls to this URL instead of the default endpoints',
    definesState: false,
    parse: is.endpointUrl,
  },
  webIdentityTokenFile: {
    flag: '--web-identity-token-file',
    valueName: 'path',
    takes: 'value',
    environment: ['AWS_WEB_IDENTITY_TOKEN_FILE'],
    description: "A file with an agent's OIDC token; verify tests the access that it gives",
    definesState: false,
    parse: is.path,
  },
  wallet: {
    flag: '--wallet',
    valueName: '0x…',
    takes: 'value',
    environment: ['AGENTKEYS_USER_WALLET'],
    description: "The agent's wallet (default: the wallet in the token)",
    definesState: false,
    parse: is.wallet,
  },
  tokenFile: {
    flag: '--token-file',
    valueName: 'path',
    takes: 'value',
    environment: [`${PREFIX}TOKEN_FILE`],
    description: "A file with the broker's token, which gives access to the wallet's mail",
    definesState: false,
    parse: is.path,
  },
  vaultBucket: {
    flag: '--vault-bucket',
    valueName: 'name',
    takes: 'value',
    environment: ['VAULT_BUCKET'],
    description: "The S3 bucket of the agents' secrets in the layout omni (default: agentkeys-vault-<account>)",
    definesState: false,
    parse: is.bucketName,
  },
  vaultRole: {
    flag: '--vault-role',
    valueName: 'arn',
    takes: 'value',
    environment: ['VAULT_ROLE_ARN'],
    description: 'The ARN of the role that agents assume for the vault bucket',
    definesState: false,
    parse: is.roleArn,
  },
  signerUrl: {
    flag: '--signer-url',
    valueName: 'url',
    takes: 'value',
    environment: ['AGENTKEYS_SIGNER_URL'],
    description: "The URL of AgentKeys' signer, which signs with the wallet's key",
    definesState: false,
    parse: is.endpointUrl,
  },
  adopt: onlySwitch('--adopt', 'Adopt an existing role, function or rule that this tool did not create'),
  yes: { ...onlySwitch('--yes', 'Apply without asking, destructive changes too'), short: '-y' },
  color: { ...onlySwitch('--no-color', 'Do not use colors (also NO_COLOR)'), default: true },
  json: onlySwitch('--json', 'Print the result to stdout as JSON'),
  quiet: onlySwitch('--quiet', 'Suppress progress output'),
  debug: onlySwitch('--debug', 'Print stack traces'),
  detailedExitcode: onlySwitch('--detailed-exitcode', 'Exit with status 2 if a dry run finds changes'),
  deleteLogs: onlySwitch('--delete-logs', 'Delete the log group too'),
  teardownBroker: onlySwitch('--broker', "Remove the broker's policy too, and restore its removed grants"),
};

function keysOf<T extends object>(table: T): Array<Extract<keyof T, string>> {
  const keys: Array<Extract<keyof T, string>> = [];
  for (const key in table) keys.push(key);
  return keys;
}

/** The settings' keys in the order of the table. */
export const settingKeys: readonly SettingKey[] = keysOf(settingsTable);

/**
 * The former name of --envfile, not in the help: Node.js has a flag of this name, and may take it for its own, wherever it stands.
 * https://nodejs.org/docs/latest-v24.x/api/cli.html#--env-filefile
 */
export const formerEnvFileFlag = '--env-file';

/** The flags that name the files to read settings from. */
export const fileFlags = {
  config: {
    flag: '--config',
    short: undefined,
    valueName: 'path',
    description: 'The settings file (default: agentkeys-ses-routing.json in this directory, if it exists)',
  },
  envFile: {
    flag: '--envfile',
    short: '-e',
    valueName: 'path',
    description: 'A file of NAME=value lines to read environment variables from',
  },
} as const;
