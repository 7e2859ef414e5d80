/**
 * The Lambda function that routes the mail: its code, configuration, asynchronous invocation and concurrency.
 */
import {
  type FunctionConfiguration,
  GetAccountSettingsCommand,
  GetFunctionCommand,
  GetFunctionEventInvokeConfigCommand,
} from '@aws-sdk/client-lambda';
import { ifExists, OperatorError } from '../aws/errors.js';
import { NotYet, until } from '../aws/waits.js';
import type { Write } from '../aws/writes.js';
import { FUNCTION_HANDLER } from '../package/function-package.js';
import { reference } from '../reconcile/known.js';
import { attention, type Difference, difference, differences, type Entry, unchanged } from '../reconcile/plan.js';
import type { Observed, Resource } from './resource.js';
import { type Scope, wantedTags } from './scope.js';
import { isOurs, missingTags, tagDifferences } from './tags.js';

export interface FunctionState {
  existing?: {
    configuration: FunctionConfiguration;
    tags: Record<string, string>;
    reservedConcurrency?: number;
    eventInvoke: { maximumRetryAttempts: number; maximumEventAge: number };
  };
  /** The account's concurrent executions; read only when some are to be reserved. */
  concurrency?: { limit: number; unreserved: number };
}

type Existing = NonNullable<FunctionState['existing']>;

/** Differences and the calls that mend them. */
interface Steps {
  differences: Difference[];
  writes: Write[];
}

const title = 'function';

/** Says for which identity of the execution role Lambda can decrypt the function's environment. */
export const roleIdTag = 'agentkeys-ses-routing:role-id';

/** Lambda's own defaults for asynchronous invocation are what is wanted. https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html */
const asynchronous = { maximumRetryAttempts: 2, maximumEventAge: 21_600 };

export const routingFunction: Resource<'function'> = {
  key: 'function',

  async read({ aws, names, settings }) {
    const FunctionName = names.functionName;
    const [found, eventInvoke, account] = await Promise.all([
      ifExists(aws.lambda.send(new GetFunctionCommand({ FunctionName }))),
      ifExists(aws.lambda.send(new GetFunctionEventInvokeConfigCommand({ FunctionName }))),
      settings.reservedConcurrency === undefined ? undefined : aws.lambda.send(new GetAccountSettingsCommand({})),
    ]);
    const { ConcurrentExecutions, UnreservedConcurrentExecutions } = account?.AccountLimit ?? {};
    const reserved = found?.Concurrency?.ReservedConcurrentExecutions;
    return {
      ...(ConcurrentExecutions === undefined || UnreservedConcurrentExecutions === undefined
        ? {}
        : { concurrency: { limit: ConcurrentExecutions, unreserved: UnreservedConcurrentExecutions } }),
      ...(found?.Configuration === undefined
        ? {}
        : {
            existing: {
              configuration: found.Configuration,
              tags: found.Tags ?? {},
              ...(reserved === undefined ? {} : { reservedConcurrency: reserved }),
              eventInvoke: {
                maximumRetryAttempts: eventInvoke?.MaximumRetryAttempts ?? asynchronous.maximumRetryAttempts,
                maximumEventAge: eventInvoke?.MaximumEventAgeInSeconds ?? asynchronous.maximumEventAge,
              },
            },
          }),
    };
  },

  deploy(observed, scope) {
    const have = observed.function.existing;
    const name = scope.names.functionName;
    const reserve = reserveConcurrency(observed.function, scope);
    const steps = (have === undefined ? [create(observed, scope)] : updates(have, observed, scope)).concat(
      reserve.steps,
    );
    const writes = steps.flatMap((step) => step.writes);
    if (writes.length === 0) return [unchanged(title, name), ...reserve.refused];
    const action = have === undefined ? 'create' : isOurs(have.tags) ? 'update' : 'adopt';
    const stops = have === undefined ? undefined : stopsRouting(have, scope);
    return [
      {
        resource: title,
        name,
        action,
        differences: steps.flatMap((step) => step.differences),
        ...(stops === undefined ? {} : { destroys: stops }),
        writes,
      },
      ...reserve.refused,
    ];
  },

  teardown({ function: { existing } }, { names }) {
    if (existing === undefined) return [];
    if (!isOurs(existing.tags)) return [attention(title, names.functionName, 'left alone: it does not carry our tag')];
    return [
      {
        resource: title,
        name: names.functionName,
        action: 'delete',
        differences: [],
        writes: [{ call: 'lambda:DeleteFunction', input: { FunctionName: names.functionName } }],
      },
    ];
  },

  permissions({ names, settings }) {
    const resources = [names.functionArn];
    const reserving = settings.reservedConcurrency !== undefined;
    return [
      {
        for: 'read',
        // GetFunction answers the tags only to those who may list them.
        actions: ['lambda:GetFunction', 'lambda:GetFunctionEventInvokeConfig', 'lambda:ListTags'],
        resources,
      },
      ...(reserving ? [{ for: 'read' as const, actions: ['lambda:GetAccountSettings'], resources: ['*'] }] : []),
      {
        for: 'deploy',
        actions: [
          'lambda:CreateFunction',
          'lambda:UpdateFunctionCode',
          'lambda:UpdateFunctionConfiguration',
          'lambda:UpdateFunctionEventInvokeConfig',
          'lambda:TagResource',
          ...(reserving ? ['lambda:PutFunctionConcurrency'] : []),
        ],
        resources,
      },
      {
        for: 'deploy',
        actions: ['iam:PassRole'],
        resources: [names.roleArn],
        condition: { StringEquals: { 'iam:PassedToService': 'lambda.amazonaws.com' } },
      },
      { for: 'teardown', actions: ['lambda:DeleteFunction'], resources },
    ];
  },

  async settle(write, _answer, scope, known) {
    if (!settling.has(write.call)) return;
    const { clock, signal, onWaiting } = scope;
    // Lambda gives the function a new revision when a change has been carried out, so it is read after that.
    const revision = await until({ clock, signal, onWaiting, deadline: 120_000 }, () => settledRevision(scope));
    known.set(reference.functionRevision, revision);
  },
};

/** The writes that Lambda carries out in its own time. https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html */
const settling = new Set<Write['call']>([
  'lambda:CreateFunction',
  'lambda:UpdateFunctionCode',
  'lambda:UpdateFunctionConfiguration',
]);

async function settledRevision({ aws, names }: Scope): Promise<string | NotYet> {
  const { Configuration } = await aws.lambda.send(new GetFunctionCommand({ FunctionName: names.functionName }));
  const { State, StateReason, LastUpdateStatus, LastUpdateStatusReason, RevisionId = '' } = Configuration ?? {};
  if (State === 'Failed' || LastUpdateStatus === 'Failed')
    throw new OperatorError(
      `Lambda could not make the function ${names.functionName} work: ${StateReason ?? LastUpdateStatusReason ?? 'it gave no reason'}.`,
    );
  return State === 'Pending' || LastUpdateStatus === 'InProgress'
    ? new NotYet(`the function ${names.functionName} to become active`)
    : RevisionId;
}

/** The configuration that is wanted, as CreateFunction and UpdateFunctionConfiguration both take it. */
function wanted({ names, settings, identity }: Scope) {
  return {
    Role: names.roleArn,
    Runtime: 'nodejs24.x' as const,
    Handler: FUNCTION_HANDLER,
    MemorySize: settings.memory,
    Timeout: settings.timeout,
    Environment: {
      Variables: {
        ACCOUNT_ID: identity.account,
        BUCKET: names.bucket,
        DELETE_SOURCE: String(settings.deleteSource),
        MAIL_DOMAIN: settings.mailDomain ?? '',
        PREFIXES: settings.prefixes.join(','),
      },
    },
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

function tagsFor({ executionRole }: Observed, { settings }: Scope): Record<string, string> {
  return { ...wantedTags(settings), [roleIdTag]: executionRole?.id ?? reference.roleId };
}

function create(observed: Observed, scope: Scope): Steps {
  const { names, code } = scope;
  const configuration = wanted(scope);
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
          Tags: tagsFor(observed, scope),
        },
      },
    ],
  };
}

/** Adoption is consented to once: the tag goes on first, so that an interrupted run carries on by itself. */
function updates(have: Existing, observed: Observed, scope: Scope): Steps[] {
  const roleId = tagsFor(observed, scope)[roleIdTag];
  const rebind = have.tags[roleIdTag] !== roleId;
  return [
    retag(have, wantedTags(scope.settings), scope),
    updateCode(have, scope),
    updateConfiguration(have, scope, rebind),
    // Only once the role is bound anew may the tag say so.
    retag(have, { [roleIdTag]: String(roleId) }, scope),
    updateEventInvoke(have, scope),
  ];
}

function retag(have: Existing, want: Record<string, string>, { names }: Scope): Steps {
  const Tags = missingTags(have.tags, want);
  if (Object.keys(Tags).length === 0) return nothing;
  return {
    differences: tagDifferences(have.tags, Tags),
    writes: [{ call: 'lambda:TagResource', input: { Resource: names.functionArn, Tags } }],
  };
}

const nothing: Steps = { differences: [], writes: [] };

function updateCode({ configuration }: Existing, { names, code }: Scope): Steps {
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

function updateConfiguration({ configuration }: Existing, scope: Scope, rebind: boolean): Steps {
  const want = wanted(scope);
  const have = shown(configuration);
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

function updateEventInvoke({ eventInvoke }: Existing, { names }: Scope): Steps {
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

/**
 * Lambda keeps 100 executions unreserved, or all of them where the account has fewer: a reservation beyond that would be
 * refused each time, so it is said instead. https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
 */
function reserveConcurrency(
  { existing, concurrency }: FunctionState,
  { names, settings }: Scope,
): { steps: Steps[]; refused: Entry[] } {
  const want = settings.reservedConcurrency;
  const have = existing?.reservedConcurrency;
  if (want === undefined || concurrency === undefined || want === have) return { steps: [], refused: [] };
  const spare = concurrency.unreserved + (have ?? 0) - Math.min(100, concurrency.limit);
  if (want > spare) {
    const note = `a reserved concurrency of ${want} is more than this account can spare (${Math.max(0, spare)}); ask AWS for a higher quota of concurrent executions, or leave --reserved-concurrency out`;
    return { steps: [], refused: [attention(title, names.functionName, note)] };
  }
  const step: Steps = {
    differences: [difference('reserved concurrency', have?.toString(), String(want))],
    writes: [
      {
        call: 'lambda:PutFunctionConcurrency',
        input: { FunctionName: names.functionName, ReservedConcurrentExecutions: want },
      },
    ],
  };
  return { steps: [step], refused: [] };
}

/** What the change would no longer route, if anything. */
function stopsRouting({ configuration }: Existing, { settings }: Scope): string | undefined {
  const { PREFIXES = '', MAIL_DOMAIN = '' } = configuration.Environment?.Variables ?? {};
  const dropped = PREFIXES.split(',').filter((prefix) => prefix !== '' && !settings.prefixes.includes(prefix));
  const stops = dropped.map((prefix) => `mail to ${prefix}-0x…`);
  const domain = settings.mailDomain ?? '';
  if (domain !== '' && domain !== MAIL_DOMAIN && PREFIXES !== '')
    stops.push(MAIL_DOMAIN === '' ? `mail to any domain but ${domain}` : `mail to ${MAIL_DOMAIN}`);
  return stops.length === 0 ? undefined : `stop routing ${stops.join(', and ')}`;
}

function codeLine(codeSha256: string): string {
  return `SHA-256 ${codeSha256}`;
}

/** The revision of the function as it was read, for the first change to it. */
export function revisionOf({ existing }: FunctionState): string | undefined {
  return existing?.configuration.RevisionId;
}
