/**
 * How the function is made and changed: what is wanted of it, what differs, and the calls that mend each difference.
 */
import type { FunctionConfiguration } from '@aws-sdk/client-lambda';
import { policyText } from '../../aws/policy/document.js';
import type { Write } from '../../aws/writes.js';
import { FUNCTION_HANDLER } from '../../package/function-package.js';
import { reference } from '../../reconcile/known.js';
import { type Difference, difference, differences } from '../../reconcile/plan.js';
import { reviewsVariable, writeReviews } from '../../services/terms.js';
import type { Observed } from '../resource.js';
import { type Names, type Scope, wantedTags } from '../scope.js';
import { missingTags, tagDifferences, tagList } from '../tags.js';
import { lambdaMayAssume } from './execution-role.js';
import type { ExistingFunction } from './function.js';
import { reviewsAfter } from './function-terms.js';
import { versionOf, versionTag } from './function-version.js';

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
function wanted(have: ExistingFunction | undefined, scope: Scope) {
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
function shown(configuration: Partial<ReturnType<typeof wanted>> | FunctionConfiguration): Record<string, string> {
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

/** The tags that say what has been done to the function. */
function records({ executionRole }: Observed, { code }: Scope) {
  return { [roleIdTag]: executionRole?.id ?? reference.roleId, [versionTag]: versionOf(code) };
}

export function create(observed: Observed, scope: Scope): Steps {
  const { names, code } = scope;
  const configuration = wanted(undefined, scope);
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
          Tags: { ...wantedTags(scope.settings), ...records(observed, scope) },
        },
      },
    ],
  };
}

/** Adoption is consented to once: the tag goes on first, so that an interrupted run carries on by itself. */
export function updates(have: ExistingFunction, observed: Observed, scope: Scope): Steps[] {
  const done = records(observed, scope);
  const bound = have.tags[roleIdTag];
  const rebind = bound !== undefined && bound !== done[roleIdTag];
  return [
    retag(have, wantedTags(scope.settings), scope),
    updateCode(have, scope),
    rebind ? detour(have, scope) : nothing,
    updateConfiguration(have, scope, rebind),
    {
      differences: have.detour
        ? [difference('role left by an interrupted run', scope.names.detourRoleName, undefined)]
        : [],
      writes: endOfDetour({ detour: have.detour || rebind }, scope.names),
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
function detour({ detour: there }: ExistingFunction, { names, settings }: Scope): Steps {
  const create: Write = {
    call: 'iam:CreateRole',
    input: {
      RoleName: names.detourRoleName,
      Description: 'There for moments only: a function is given this role, then its own again (agentkeys-ses-routing)',
      AssumeRolePolicyDocument: policyText(lambdaMayAssume),
      ...(settings.permissionsBoundary === undefined ? {} : { PermissionsBoundary: settings.permissionsBoundary }),
      Tags: tagList(wantedTags(settings)),
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
          Role: names.detourRoleArn,
          RevisionId: reference.functionRevision,
        },
      },
    ],
  };
}

/** Deletes the role of the detour, where it is there. */
export function endOfDetour({ detour }: Pick<ExistingFunction, 'detour'>, { detourRoleName }: Names): Write[] {
  return detour ? [{ call: 'iam:DeleteRole', input: { RoleName: detourRoleName } }] : [];
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
          RevisionId: reference.functionRevision,
        },
      },
    ],
  };
}

function updateConfiguration(existing: ExistingFunction, scope: Scope, rebind: boolean): Steps {
  const want = wanted(existing, scope);
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
        input: { FunctionName: scope.names.functionName, ...want, RevisionId: reference.functionRevision },
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
