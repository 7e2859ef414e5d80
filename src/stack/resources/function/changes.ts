/**
 * How the function is made and changed: what is wanted of it, what differs, and the calls that mend each difference.
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
import type { ExistingFunction } from './state.js';
import { reviewsAfter } from './terms-of-service.js';
import { versionOf, versionTag } from './version.js';

/** Differences and the calls that mend them. */
export interface Steps {
  differences: Difference[];
  writes: Write[];
}

/** Says for which identity of the execution role Lambda can decrypt the function's environment. */
const roleIdTag = 'agentkeys-ses-routing:role-id';

/** Lambda's own defaults for asynchronous invocation are what is wanted. https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html */
export const asynchronous = { maximumRetryAttempts: 2, maximumEventAge: 21_600 };

/** What handler/settings.ts reads of the function's environment. */
export function environment({ names, settings, identity }: Scope): Record<string, string> {
  return {
    ACCOUNT_ID: identity.account,
    BUCKET: names.bucket,
    DELETE_SOURCE: String(settings.deleteSource),
    LOG_LEVEL: settings.logLevel,
    MAIL_DOMAIN: settings.mailDomain ?? '',
    PREFIXES: settings.prefixes.join(','),
  };
}

/** The configuration that is wanted, as CreateFunction and UpdateFunctionConfiguration both take it. */
function wantedConfiguration(have: ExistingFunction | undefined, scope: Scope) {
  const { names, settings } = scope;
  const reviews = writeReviews(reviewsAfter(have, settings));
  return {
    Role: names.roleArn,
    Runtime: 'nodejs24.x' as const,
    Handler: FUNCTION_HANDLER,
    MemorySize: settings.memory,
    Timeout: settings.timeout,
    Environment: { Variables: { ...environment(scope), ...(reviews === '' ? {} : { [reviewsVariable]: reviews }) } },
  };
}

const architecture = 'arm64' as const;

/** The configuration as a plan shows it, field by field. */
function shown(
  configuration: Partial<ReturnType<typeof wantedConfiguration>> | FunctionConfiguration,
): Record<string, string> {
  const { Role, Runtime, Handler, MemorySize, Timeout, Environment } = configuration;
  const variables = Object.entries(Environment?.Variables ?? {}).map(([name, value]) => [
    `environment ${name}`,
    value || '(empty)',
  ]);
  return {
    role: String(Role),
    runtime: String(Runtime),
    handler: String(Handler),
    memory: `${MemorySize} MiB`,
    timeout: `${Timeout} s`,
    ...Object.fromEntries(variables),
  };
}

/** What else its changes depend on. */
interface RoleView {
  executionRole: ExecutionRoleState | undefined;
}

/** The tags that say what has been done to the function. */
function records({ executionRole }: RoleView, { code }: Scope) {
  return { [roleIdTag]: executionRole?.id ?? deferred.roleId, [versionTag]: versionOf(code) };
}

export function create(observed: RoleView, scope: Scope): Steps {
  const { names, code } = scope;
  const configuration = wantedConfiguration(undefined, scope);
  return {
    differences: [
      ...differences({}, { ...shown(configuration), architecture }),
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
          Tags: { ...stackTags(scope.settings), ...records(observed, scope) },
        },
      },
    ],
  };
}

/** Adoption is consented to once: the tag goes on first, so that an interrupted run carries on by itself. */
export function updates(have: ExistingFunction, observed: RoleView, scope: Scope): Steps[] {
  const done = records(observed, scope);
  const bound = have.tags[roleIdTag];
  const rebind = bound !== undefined && bound !== done[roleIdTag];
  return [
    retag(have, stackTags(scope.settings), scope),
    updateCode(have, scope),
    rebind ? viaInterimRole(have, scope) : nothing,
    updateConfiguration(have, scope, rebind),
    {
      differences: have.interimRole
        ? [difference('role left by an interrupted run', scope.names.interimRoleName, undefined)]
        : [],
      writes: removeInterimRole({ interimRole: have.interimRole || rebind }, scope.names),
    },
    // Only once the code is in place and the role bound anew may the tags say so.
    retag(have, done, scope),
    updateEventInvoke(have, scope),
  ];
}

/**
 * Lambda's grant on the key of the function's environment is bound to the role's identity. A role that was deleted and made again has
 * another one, and naming it once more changes nothing: the function has to be given another role, then its own again.
 * https://repost.aws/knowledge-center/lambda-kmsaccessdeniedexception-errors
 */
function viaInterimRole({ interimRole: there }: ExistingFunction, { names, settings }: Scope): Steps {
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
      ...(there ? [] : [create]),
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

/** Deletes the role of the detour, where it is there. */
export function removeInterimRole(
  { interimRole }: Pick<ExistingFunction, 'interimRole'>,
  { interimRoleName }: Names,
): Write[] {
  return interimRole ? [{ call: 'iam:DeleteRole', input: { RoleName: interimRoleName } }] : [];
}

function retag(have: ExistingFunction, want: Record<string, string>, { names }: Scope): Steps {
  const Tags = missingTags(have.tags, want);
  if (Object.keys(Tags).length === 0) return nothing;
  return {
    differences: tagDifferences(have.tags, Tags),
    writes: [{ call: 'lambda:TagResource', input: { Resource: names.functionArn, Tags } }],
  };
}

const nothing: Steps = { differences: [], writes: [] };

function updateCode({ configuration }: ExistingFunction, { names, code }: Scope): Steps {
  const changed = differences(
    { code: codeLine(String(configuration.CodeSha256)), architecture: configuration.Architectures?.join(', ') },
    { code: codeLine(code.codeSha256), architecture },
  );
  if (changed.length === 0) return nothing;
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

function updateConfiguration(existing: ExistingFunction, scope: Scope, rebind: boolean): Steps {
  const want = wantedConfiguration(existing, scope);
  const have = shown(existing.configuration);
  const gone = Object.keys(have).filter((field) => !(field in shown(want)));
  const changed = [
    ...differences(have, shown(want)),
    ...gone.map((field) => difference(field, have[field], undefined)),
  ];
  if (changed.length === 0 && !rebind) return nothing;
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

function updateEventInvoke({ eventInvoke }: ExistingFunction, { names }: Scope): Steps {
  const changed = differences(asynchronousLines(eventInvoke), asynchronousLines(asynchronous));
  if (changed.length === 0) return nothing;
  return {
    differences: changed,
    writes: [
      {
        // Update, not Put: Put would drop a destination that somebody configured.
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
