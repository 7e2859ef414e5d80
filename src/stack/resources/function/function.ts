/**
 * The Lambda function that routes the mail: its code, configuration, asynchronous invocation and concurrency.
 */
import { GetRoleCommand } from '@aws-sdk/client-iam';
import {
  GetAccountSettingsCommand,
  GetFunctionCommand,
  GetFunctionEventInvokeConfigCommand,
} from '@aws-sdk/client-lambda';
import { ifExists, OperatorError, sentence } from '../../../aws/errors.js';
import { printsPolicy } from '../../../aws/own-command.js';
import { NotYet, until } from '../../../aws/waits.js';
import type { Write } from '../../../aws/writes.js';
import { deferred } from '../../../reconcile/deferred.js';
import { attention, difference, type Entry, unchanged } from '../../../reconcile/plan.js';
import type { Resource } from '../../resource.js';
import type { Scope } from '../../scope.js';
import { isManaged, tagRecord } from '../../tags.js';
import type { ExecutionRoleState } from '../execution-role.js';
import {
  asynchronous,
  type Change,
  create,
  foreignSettings,
  removeInterimRole,
  updates,
  variablesAfter,
} from './changes.js';
import { losses, widenings } from './consequences.js';
import { createAgain } from './create-again.js';
import { creationFailed, isIdle, wakeUp } from './health.js';
import { notesOnSettings, refusedRole } from './notes.js';
import type { ExistingFunction, FunctionState } from './state.js';
import { unreviewed } from './terms-of-service.js';

const kind = 'function';

/** "Throttle" in Lambda's console sets this. https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html */
const neverRuns =
  'never runs: its reserved concurrency is 0, so no mail is routed; delete the reservation, or set one with --reserved-concurrency';

/** https://docs.aws.amazon.com/lambda/latest/dg/images-create.html: "You cannot convert an existing container image function to use a .zip file archive" */
const containerImage =
  "is a container image, and Lambda can't change it into the zip that this tool deploys: choose another name with --function-name, or delete it (aws lambda delete-function), then deploy again";

function isImage({ configuration }: ExistingFunction): boolean {
  return configuration.PackageType === 'Image';
}

/** What the function's plan depends on. */
interface FunctionView {
  function: FunctionState;
  executionRole: ExecutionRoleState | undefined;
}

export const routingFunction: Resource<FunctionState, FunctionView> = {
  optional: { 'lambda:PutFunctionConcurrency': 'no concurrency was reserved for it' },

  async read({ aws, names, settings }) {
    const FunctionName = names.functionName;
    const [found, eventInvoke, interimRole, account] = await Promise.all([
      ifExists(aws.lambda.send(new GetFunctionCommand({ FunctionName }))),
      ifExists(aws.lambda.send(new GetFunctionEventInvokeConfigCommand({ FunctionName }))),
      ifExists(aws.iam.send(new GetRoleCommand({ RoleName: names.interimRoleName }))),
      settings.reservedConcurrency === undefined ? undefined : aws.lambda.send(new GetAccountSettingsCommand({})),
    ]);
    if (found?.TagsError !== undefined)
      throw new OperatorError(
        `AWS denied lambda:ListTags on ${names.functionArn}: without its tags this tool can't know whether it manages the function. ${printsPolicy}`,
      );
    const unreadable = found?.Configuration?.Environment?.Error;
    if (unreadable !== undefined) {
      const { ErrorCode, Message = 'no reason given' } = unreadable;
      const { KMSKeyArn = 'of Lambda' } = { ...found?.Configuration };
      throw new OperatorError(
        `Lambda could not decrypt the environment of the function ${FunctionName} for you (${ErrorCode}: ${sentence(Message)}) Without it this tool can't know what the function routes. Allow yourself kms:Decrypt on the function's key ${KMSKeyArn}.`,
      );
    }
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
              tags: { ...found.Tags },
              ...(reserved === undefined ? {} : { reservedConcurrency: reserved }),
              eventInvoke: {
                maximumRetryAttempts: eventInvoke?.MaximumRetryAttempts ?? asynchronous.maximumRetryAttempts,
                maximumEventAge: eventInvoke?.MaximumEventAgeInSeconds ?? asynchronous.maximumEventAge,
              },
              interimRole: isManaged(tagRecord(interimRole?.Role?.Tags)),
            },
          }),
    };
  },

  deploy(observed, scope) {
    const have = observed.function.existing;
    const name = scope.names.functionName;
    if (have !== undefined && isImage(have)) return [{ ...attention(kind, name, containerImage), blocks: true }];
    if (have !== undefined && creationFailed(have)) return createAgain(have, observed, scope);
    const reserve = reserveConcurrency(observed.function, scope);
    const functionChanges = (have === undefined ? [create(observed, scope)] : updates(have, observed, scope)).concat(
      reserve.changes,
    );
    const writes = functionChanges.flatMap((change) => change.writes);
    const stopped = scope.settings.reservedConcurrency === undefined && have?.reservedConcurrency === 0;
    const notes = [
      ...(stopped ? [attention(kind, name, neverRuns)] : []),
      ...reserve.refused,
      ...(have === undefined ? [] : notesOnSettings(name, have.configuration)),
      ...tooLarge(have, scope),
      ...(have === undefined ? [] : refusedRole(have, writes, observed.executionRole, scope.names)),
      ...unreviewed(have, scope.settings),
    ];
    if (writes.length === 0) return [unchanged(kind, name), ...notes];
    const action = have === undefined ? 'create' : isManaged(have.tags) ? 'update' : 'adopt';
    const destroys = have && losses(have, foreignSettings(have, scope), scope);
    const widens = have && widenings(have, scope);
    return [
      {
        resource: kind,
        name,
        action,
        differences: functionChanges.flatMap((change) => change.differences),
        ...(destroys === undefined ? {} : { destroys }),
        ...(widens === undefined ? {} : { widens }),
        // Lambda accepts no update of an idle function.
        writes: have !== undefined && isIdle(have.configuration) ? [wakeUp(scope.names), ...writes] : writes,
      },
      ...notes,
    ];
  },

  teardown({ function: { existing } }, { names }) {
    if (existing === undefined) return [];
    if (!isManaged(existing.tags))
      return [attention(kind, names.functionName, 'left alone: it does not carry our tag')];
    return [
      {
        resource: kind,
        name: names.functionName,
        action: 'delete',
        differences: [],
        writes: [
          { call: 'lambda:DeleteFunction', input: { FunctionName: names.functionName } },
          ...removeInterimRole(existing, names),
        ],
      },
    ];
  },

  permissions({ names, settings }) {
    const resources = [names.functionArn];
    const reserving = settings.reservedConcurrency !== undefined;
    return [
      {
        for: 'read',
        // GetFunction returns the tags only to callers that may list them.
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
          // An idle function has to be invoked before it can be updated, and one that failed has to be created again.
          'lambda:InvokeFunction',
          'lambda:DeleteFunction',
          ...(reserving ? ['lambda:PutFunctionConcurrency'] : []),
        ],
        resources,
      },
      { for: 'read', actions: ['iam:GetRole'], resources: [names.interimRoleArn] },
      {
        for: 'deploy',
        actions: ['iam:CreateRole', 'iam:DeleteRole', 'iam:TagRole'],
        resources: [names.interimRoleArn],
      },
      { for: 'teardown', actions: ['iam:DeleteRole'], resources: [names.interimRoleArn] },
      {
        for: 'deploy',
        actions: ['iam:PassRole'],
        resources: [names.roleArn, names.interimRoleArn],
        condition: { StringEquals: { 'iam:PassedToService': 'lambda.amazonaws.com' } },
      },
      { for: 'teardown', actions: ['lambda:DeleteFunction'], resources },
    ];
  },

  async settle(write, _answer, scope, values) {
    if (!settling.has(write.call)) return;
    const { clock, signal, onWaiting } = scope;
    // The revision changes again when Lambda has completed an update, so it is read after that.
    const revision = await until({ clock, signal, onWaiting, deadline: 120_000 }, () => settledRevision(scope));
    values.set(deferred.functionRevision, revision);
  },
};

/** The writes that Lambda completes asynchronously. https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html */
const settling = new Set<Write['call']>([
  'lambda:CreateFunction',
  'lambda:UpdateFunctionCode',
  'lambda:UpdateFunctionConfiguration',
  'lambda:Invoke',
]);

async function settledRevision({ aws, names }: Scope): Promise<string | NotYet> {
  const { Configuration } = await aws.lambda.send(new GetFunctionCommand({ FunctionName: names.functionName }));
  const states = [Configuration?.State, Configuration?.LastUpdateStatus];
  if (states.includes('Failed')) {
    const reasons = [Configuration?.StateReason, Configuration?.LastUpdateStatusReason].filter(
      (one) => one !== undefined,
    );
    throw new OperatorError(
      `Lambda failed to create or update the function ${names.functionName}: ${reasons.join('; ') || 'it gave no reason'}.`,
    );
  }
  if (['Pending', 'InProgress', 'Inactive'].some((state) => states.some((one) => one === state)))
    return new NotYet(`the function ${names.functionName} to become active`);
  return String(Configuration?.RevisionId);
}

/**
 * Lambda keeps 100 executions unreserved, or all of them if the account has fewer. It rejects a reservation beyond that, so
 * the plan reports it instead. https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
 */
function reserveConcurrency(
  { existing, concurrency }: FunctionState,
  { names, settings }: Scope,
): { changes: Change[]; refused: Entry[] } {
  const want = settings.reservedConcurrency;
  const have = existing?.reservedConcurrency;
  if (want === undefined || concurrency === undefined || want === have) return { changes: [], refused: [] };
  const spare = concurrency.unreserved + (have ?? 0) - Math.min(100, concurrency.limit);
  if (want > spare) {
    const note = `a reserved concurrency of ${want} is more than this account can spare (${Math.max(0, spare)}); ask AWS for a higher quota of concurrent executions, or leave --reserved-concurrency out`;
    return { changes: [], refused: [attention(kind, names.functionName, note)] };
  }
  const change: Change = {
    differences: [difference('reserved concurrency', have?.toString(), String(want))],
    writes: [
      {
        call: 'lambda:PutFunctionConcurrency',
        input: { FunctionName: names.functionName, ReservedConcurrentExecutions: want },
      },
    ],
  };
  return { changes: [change], refused: [] };
}

/** Lambda's limit on all environment variables, bytes. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const environmentLimit = 4_096;

/** An entry if Lambda will reject the environment: with many prefixes it is too large. */
function tooLarge(have: ExistingFunction | undefined, scope: Scope): Entry[] {
  const size = Buffer.byteLength(JSON.stringify(variablesAfter(have, scope)));
  if (size <= environmentLimit) return [];
  const note = `its environment would have ${size} bytes, and Lambda accepts ${environmentLimit}: ${scope.settings.prefixes.length} prefixes are too many; name fewer with --prefix and --service`;
  return [{ ...attention(kind, scope.names.functionName, note), blocks: true }];
}

/** The revision of the function as it was read, for the first update. */
export function revisionOf({ existing }: FunctionState): string | undefined {
  return existing?.configuration.RevisionId;
}
