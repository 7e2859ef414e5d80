/**
 * How the function is created and updated: its desired configuration, the differences, and the calls that resolve them.
 */
import type { FunctionConfiguration } from '@aws-sdk/client-lambda';
import { reviewsVariable, writeReviews } from '../../../agentkeys/terms-of-service.js';
import type { Write } from '../../../aws/writes.js';
import { FUNCTION_HANDLER } from '../../../package/function-package.js';
import { policyText } from '../../../policy/document.js';
import { deferred } from '../../../reconcile/deferred.js';
import { type Difference, difference, differences } from '../../../reconcile/plan.js';
import { type Names, type Scope, stackTags } from '../../scope.js';
import { missingTags, tagDifferences, tagList } from '../../tags.js';
import { type ExecutionRoleState, lambdaMayAssume } from '../execution-role.js';
import { failureDifferences, updateFailed } from './health.js';
import { logging, loggingLines } from './logging.js';
import type { ExistingFunction } from './state.js';
import { reviewsAfter } from './terms-of-service.js';
import { versionOf, versionTag } from './version.js';

/** Differences, and the calls that resolve them. */
export interface Change {
  differences: Difference[];
  writes: Write[];
}

/** The function's tag with the ID of the execution role for which Lambda can decrypt the function's environment. */
const roleIdTag = 'agentkeys-ses-routing:role-id';

/** Lambda's defaults for asynchronous invocation. https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html */
export const asynchronous = { maximumRetryAttempts: 2, maximumEventAge: 21_600 };

/** The environment variables that handler/settings.ts reads. */
const routingVariables = ['ACCOUNT_ID', 'BUCKET', 'DELETE_SOURCE', 'LOG_LEVEL', 'MAIL_DOMAIN', 'PREFIXES'] as const;

/** Their values. */
export function environment({ names, settings, identity }: Scope): Record<(typeof routingVariables)[number], string> {
  return {
    ACCOUNT_ID: identity.account,
    BUCKET: names.bucket,
    DELETE_SOURCE: String(settings.deleteSource),
    LOG_LEVEL: settings.logLevel,
    MAIL_DOMAIN: settings.mailDomain ?? '',
    PREFIXES: settings.prefixes.join(','),
  };
}

/** All environment variables after a deploy. */
export function variablesAfter(have: ExistingFunction | undefined, scope: Scope): Record<string, string> {
  const reviews = writeReviews(reviewsAfter(have, scope.settings));
  return { ...environment(scope), ...(reviews === '' ? {} : { [reviewsVariable]: reviews }) };
}

/** The desired configuration, as CreateFunction and UpdateFunctionConfiguration both accept it. */
function desiredConfiguration(have: ExistingFunction | undefined, scope: Scope) {
  const { names, settings } = scope;
  return {
    Role: names.roleArn,
    Runtime: settings.runtime,
    Handler: FUNCTION_HANDLER,
    MemorySize: settings.memory,
    Timeout: settings.timeout,
    Environment: { Variables: variablesAfter(have, scope) },
    LoggingConfig: logging(names),
  };
}

type Configuration = Partial<ReturnType<typeof desiredConfiguration>> | FunctionConfiguration;

/** What others set that an update resets or removes: environment variables, and log settings. */
export function foreignSettings({ configuration }: ExistingFunction, { names }: Scope) {
  const variables = Object.keys(configuration.Environment?.Variables ?? {}).filter((name) => !isOwnVariable(name));
  const desired = loggingLines({}, names);
  const have = Object.entries(loggingLines(configuration, names));
  return { variables, logging: have.filter(([field, value]) => desired[field] !== value).map(([field]) => field) };
}

/** All others were set by somebody else. */
function isOwnVariable(name: string): boolean {
  return [...routingVariables, reviewsVariable].some((own) => own === name);
}

/** The configuration as a plan shows it, field by field. Others' variables may hold secrets: their values are not shown. */
function configurationLines(configuration: Configuration, names: Names): Record<string, string> {
  const { Role, Runtime, Handler, MemorySize, Timeout, Environment } = configuration;
  const variables = Object.entries(Environment?.Variables ?? {}).map(([name, value]) => [
    `environment ${name}`,
    isOwnVariable(name) ? value || '(empty)' : '(value not shown)',
  ]);
  return {
    role: String(Role),
    runtime: String(Runtime),
    handler: String(Handler),
    memory: `${MemorySize} MiB`,
    timeout: `${Timeout} s`,
    ...Object.fromEntries(variables),
    ...loggingLines(configuration, names),
  };
}

/** What else the changes depend on. */
export interface RoleView {
  executionRole: ExecutionRoleState | undefined;
}

/** The tags that record which role and code the function has. */
function recordTags({ executionRole }: RoleView, { code }: Scope) {
  return { [roleIdTag]: executionRole?.id ?? deferred.roleId, [versionTag]: versionOf(code) };
}

export function create(observed: RoleView, scope: Scope): Change {
  const { names, code } = scope;
  const { architecture } = scope.settings;
  const configuration = desiredConfiguration(undefined, scope);
  return {
    differences: [
      ...differences({}, { ...configurationLines(configuration, names), architecture }),
      difference('code', undefined, codeLine(code.codeSha256)),
    ],
    writes: [
      {
        call: 'lambda:CreateFunction',
        input: {
          FunctionName: names.functionName,
          Description: 'Routes mail from inbound/ to the wallet it is for (agentkeys-ses-routing)',
          ...configuration,
          Architectures: [architecture],
          Code: { ZipFile: code.zip },
          Tags: { ...stackTags(scope.settings), ...recordTags(observed, scope) },
        },
      },
    ],
  };
}

/** The tags come last: an adopted function is tagged as managed once it is, and the recorded code and role are in place then. */
export function updates(have: ExistingFunction, observed: RoleView, scope: Scope): Change[] {
  const recorded = recordTags(observed, scope);
  const roleId = have.tags[roleIdTag];
  const roleRecreated = roleId !== undefined && roleId !== recorded[roleIdTag];
  return [
    updateCode(have, scope),
    roleRecreated ? viaInterimRole(have, scope) : nothing,
    updateConfiguration(have, scope, roleRecreated),
    {
      differences: have.interimRole
        ? [difference('role left by an interrupted run', scope.names.interimRoleName, undefined)]
        : [],
      writes: removeInterimRole({ interimRole: have.interimRole || roleRecreated }, scope.names),
    },
    retag(have, { ...stackTags(scope.settings), ...recorded }, scope),
    updateEventInvoke(have, scope),
  ];
}

/**
 * Lambda's grant on the key of the function's environment is for the role's ID. A role that was deleted and created again has another ID,
 * and setting it again changes nothing: the function has to be given another role first, then its own.
 * https://repost.aws/knowledge-center/lambda-kmsaccessdeniedexception-errors
 */
function viaInterimRole({ interimRole }: ExistingFunction, { names, settings }: Scope): Change {
  const create: Write = {
    call: 'iam:CreateRole',
    input: {
      RoleName: names.interimRoleName,
      Description: 'There for moments only: a function is given this role, then its own again (agentkeys-ses-routing)',
      AssumeRolePolicyDocument: policyText(lambdaMayAssume),
      ...(settings.permissionsBoundary === undefined ? {} : { PermissionsBoundary: settings.permissionsBoundary }),
      Tags: tagList(stackTags(settings)),
    },
  };
  return {
    differences: [],
    writes: [
      ...(interimRole ? [] : [create]),
      {
        call: 'lambda:UpdateFunctionConfiguration',
        input: {
          FunctionName: names.functionName,
          Role: names.interimRoleArn,
          RevisionId: deferred.functionRevision,
        },
      },
    ],
  };
}

/** Deletes the interim role, if it exists. */
export function removeInterimRole(
  { interimRole }: Pick<ExistingFunction, 'interimRole'>,
  { interimRoleName }: Names,
): Write[] {
  return interimRole ? [{ call: 'iam:DeleteRole', input: { RoleName: interimRoleName } }] : [];
}

function retag(have: ExistingFunction, want: Record<string, string>, { names }: Scope): Change {
  const Tags = missingTags(have.tags, want);
  if (Object.keys(Tags).length === 0) return nothing;
  return {
    differences: tagDifferences(have.tags, Tags),
    writes: [{ call: 'lambda:TagResource', input: { Resource: names.functionArn, Tags } }],
  };
}

const nothing: Change = { differences: [], writes: [] };

function updateCode(existing: ExistingFunction, { names, code, settings }: Scope): Change {
  const { configuration } = existing;
  const { architecture } = settings;
  const changed = differences(
    { code: codeLine(String(configuration.CodeSha256)), architecture: configuration.Architectures?.join(', ') },
    { code: codeLine(code.codeSha256), architecture },
  );
  // After a failed update the function runs the code from before, whatever its configuration says.
  if (changed.length === 0 && !updateFailed(existing)) return nothing;
  return {
    differences: changed,
    writes: [
      {
        call: 'lambda:UpdateFunctionCode',
        input: {
          FunctionName: names.functionName,
          ZipFile: code.zip,
          Architectures: [architecture],
          RevisionId: deferred.functionRevision,
        },
      },
    ],
  };
}

function updateConfiguration(existing: ExistingFunction, scope: Scope, roleRecreated: boolean): Change {
  const want = desiredConfiguration(existing, scope);
  const have = configurationLines(existing.configuration, scope.names);
  const lines = configurationLines(want, scope.names);
  const removed = Object.keys(have).filter((field) => !(field in lines));
  const changed = [
    ...failureDifferences(existing),
    ...differences(have, lines),
    ...removed.map((field) => difference(field, have[field], undefined)),
  ];
  if (changed.length === 0 && !roleRecreated) return nothing;
  return {
    differences: changed,
    writes: [
      {
        call: 'lambda:UpdateFunctionConfiguration',
        input: { FunctionName: scope.names.functionName, ...want, RevisionId: deferred.functionRevision },
      },
    ],
  };
}

function updateEventInvoke({ eventInvoke }: ExistingFunction, { names }: Scope): Change {
  const changed = differences(asynchronousLines(eventInvoke), asynchronousLines(asynchronous));
  if (changed.length === 0) return nothing;
  return {
    differences: changed,
    writes: [
      {
        // Update, not Put: Put would drop a destination that someone configured.
        call: 'lambda:UpdateFunctionEventInvokeConfig',
        input: {
          FunctionName: names.functionName,
          MaximumRetryAttempts: asynchronous.maximumRetryAttempts,
          MaximumEventAgeInSeconds: asynchronous.maximumEventAge,
        },
      },
    ],
  };
}

function asynchronousLines({ maximumRetryAttempts, maximumEventAge }: typeof asynchronous): Record<string, string> {
  return { 'asynchronous retries': String(maximumRetryAttempts), 'event age': `${maximumEventAge} s` };
}

function codeLine(codeSha256: string): string {
  return `SHA-256 ${codeSha256}`;
}
