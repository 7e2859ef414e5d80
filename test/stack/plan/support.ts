/**
 * Plans without a network: a stack as a deploy leaves it, as the values that reading it returns, and what a plan of a changed one says.
 */
import type { Test } from 'tap';
import { parsePolicy, type Statement } from '../../../src/policy/document.js';
import type { Entry } from '../../../src/reconcile/plan.js';
import { renderEntry } from '../../../src/reconcile/render.js';
import { type Settings, type SettingValues, settingKeys, settingsTable } from '../../../src/settings/index.js';
import { type Observed, planStack } from '../../../src/stack/index.js';
import type { ExistingFunction } from '../../../src/stack/resources/function/state.js';
import type { RuleState } from '../../../src/stack/resources/rule.js';
import { namesOf, type Scope } from '../../../src/stack/scope.js';

export const account = '111122223333';
export const bucket = `agentkeys-mail-${account}`;
export const bucketArn = `arn:aws:s3:::${bucket}`;
export const functionName = 'agentkeys-ses-routing';
export const functionArn = `arn:aws:lambda:us-east-1:${account}:function:${functionName}`;
export const roleName = 'agentkeys-ses-routing-role';
export const roleArn = `arn:aws:iam::${account}:role/${roleName}`;
export const ruleName = 'agentkeys-ses-routing-inbound';
export const ruleArn = `arn:aws:events:us-east-1:${account}:rule/${ruleName}`;
export const queueName = `${functionName}-retry`;
export const queueArn = `arn:aws:sqs:us-east-1:${account}:${queueName}`;
export const brokerName = 'agentkeys-broker-host';
/** The id of the statement that lets EventBridge invoke the function: it ends in a hash of the statement. */
export const permissionId = 'agentkeys-ses-routing-events-e0c94805ecaf';
export const pattern = `{"detail":{"bucket":{"name":["${bucket}"]},"object":{"key":[{"prefix":"inbound/"}]}},"detail-type":["Object Created"],"source":["aws.s3"]}`;

const managed = { 'managed-by': 'agentkeys-ses-routing' };
const roleId = 'AROAEXECUTIONROLE';
/** The package's code. `versionTag` has the first twelve hexadecimal digits of its hash. */
export const code = { zip: Buffer.from('zip'), codeSha256: 'Y29kZSBvZiBub3c=', version: '0.1.0' };
export const versionTag = '0.1.0+636f6465206f';
export const environment = {
  ACCOUNT_ID: account,
  BUCKET: bucket,
  DELETE_SOURCE: 'false',
  LOG_LEVEL: 'info',
  MAIL_DOMAIN: '',
  PREFIXES: 'or',
};

/** A scope with the default settings, except those given. Planning makes no calls, so there are no clients in it. */
export function scopeWith(given: Partial<SettingValues> = {}): Scope {
  const defaults = settingKeys.map((key): unknown[] => [key, settingsTable[key].default]);
  const sources = settingKeys.map((key): unknown[] => [key, { kind: 'default' }]);
  const settings: Settings = { ...Object.fromEntries(defaults), ...given, sources: Object.fromEntries(sources) };
  const identity = { account, partition: 'aws', region: 'us-east-1', caller: `arn:aws:iam::${account}:user/operator` };
  return { settings, identity, names: namesOf(settings, identity), code } as Scope;
}

const allow = (Action: string | string[], Resource: string, more: Partial<Statement> = {}): Statement => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...more,
});

/** A trust policy for a service. */
export const trustOf = (Service: string) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow' as const, Principal: { Service }, Action: 'sts:AssumeRole' }],
});

/** A policy without Sids and with its lists in another order: that is no difference. */
export const executionPolicy = {
  Version: '2012-10-17',
  Statement: [
    allow('s3:GetObject', `${bucketArn}/inbound/*`),
    allow(['s3:ListBucket'], bucketArn, { Condition: { StringLike: { 's3:prefix': ['inbound/*'] } } }),
    allow('s3:PutObject', `${bucketArn}/bots/*/inbound/*`),
    allow(
      ['logs:PutLogEvents', 'logs:CreateLogStream'],
      `arn:aws:logs:us-east-1:${account}:log-group:/aws/lambda/${functionName}:*`,
    ),
    allow(['sqs:SendMessage', 'sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'], queueArn),
  ],
};

export const brokerStatements = [
  allow('s3:GetObject', `${bucketArn}/inbound/*`),
  allow('s3:ListBucket', bucketArn, { Condition: { StringLike: { 's3:prefix': 'inbound/*' } } }),
];
const brokerText = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    ...brokerStatements,
    { Effect: 'Deny', Action: 's3:*', Resource: `${bucketArn}/bots/*/inbound/*` },
    {
      Effect: 'Deny',
      Action: ['s3:ListBucket', 's3:ListBucketVersions'],
      Resource: bucketArn,
      Condition: { StringLike: { 's3:prefix': ['bots/*/inbound', 'bots/*/inbound/*'] } },
    },
  ],
});

/** The statement that lets EventBridge invoke the function for a rule. */
export const invokeStatement = (Sid: string, sourceArn: string): Statement => ({
  Sid,
  ...allow('lambda:InvokeFunction', functionArn, {
    Principal: { Service: 'events.amazonaws.com' },
    Condition: { ArnLike: { 'AWS:SourceArn': sourceArn } },
  }),
});

export const target = {
  Id: 'agentkeys-ses-routing',
  Arn: functionArn,
  RetryPolicy: { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 },
  DeadLetterConfig: { Arn: queueArn },
};

/** The statement of the retry queue's policy. */
export const queueStatement: Statement = {
  Sid: 'UndeliveredEventsOfTheRule',
  ...allow('sqs:SendMessage', queueArn, {
    Principal: { Service: 'events.amazonaws.com' },
    Condition: { ArnEquals: { 'aws:SourceArn': ruleArn } },
  }),
};

/** The text of a policy. */
export const policyWith = (...Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement });

/** The event source mapping between the retry queue and the function. */
export const mapping = {
  UUID: 'uuid',
  FunctionArn: functionArn,
  State: 'Enabled',
  BatchSize: 10,
  MaximumBatchingWindowInSeconds: 0,
  FunctionResponseTypes: ['ReportBatchItemFailures' as const],
  ScalingConfig: { MaximumConcurrency: 2 },
};

/** An inline policy of the broker's role. */
export const inline = (name: string, text: string) => ({
  kind: 'inline' as const,
  name,
  text,
  document: parsePolicy(text),
});

/** A stack as a deploy with the default settings leaves it: a new copy each time. */
export function deployed() {
  const existing: ExistingFunction = {
    configuration: {
      FunctionName: functionName,
      Role: roleArn,
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      MemorySize: 256,
      Timeout: 30,
      Architectures: ['arm64'],
      CodeSha256: code.codeSha256,
      Environment: { Variables: { ...environment } },
      State: 'Active',
      LastUpdateStatus: 'Successful',
      RevisionId: 'revision-1',
    },
    tags: {
      ...managed,
      'agentkeys-ses-routing:role-id': roleId,
      'agentkeys-ses-routing:version': versionTag,
    },
    eventInvoke: { maximumRetryAttempts: 2, maximumEventAge: 21_600 },
    interimRole: false,
  };
  const rule: RuleState = {
    pattern,
    state: 'ENABLED',
    tags: { ...managed, 'eventbridge-on-since': '2026-01-01T00:00:00.000Z' },
    targets: [{ ...target }],
  };
  const executionRole = {
    arn: roleArn,
    id: roleId,
    trust: trustOf('lambda.amazonaws.com'),
    policy: structuredClone(executionPolicy),
    tags: { ...managed },
    otherInline: [] as string[],
    attached: [] as string[],
  };
  const role = {
    name: brokerName,
    arn: `arn:aws:iam::${account}:role/${brokerName}`,
    trust: '{}',
    tags: { 'agentkeys-ses-routing:reads-inbound': 'true' } as Record<string, string>,
    policies: [inline('agentkeys-ses-routing-broker', brokerText)],
    saved: [],
  };
  return {
    stack: { otherRules: [] },
    bucket: {},
    logGroup: { retention: 30, tags: { ...managed } },
    retryQueue: {
      url: `https://sqs.us-east-1.amazonaws.com/${account}/${queueName}`,
      attributes: {
        VisibilityTimeout: '180',
        MessageRetentionPeriod: '1209600',
        SqsManagedSseEnabled: 'true',
        Policy: policyWith(queueStatement),
        ApproximateNumberOfMessages: '0',
      } as Record<string, string>,
      tags: { ...managed } as Record<string, string>,
    },
    executionRole,
    function: { existing },
    permission: { statements: [invokeStatement(permissionId, ruleArn)] },
    retrySource: { mappings: [mapping], onFailure: queueArn },
    rule,
    bucketEvents: { EventBridgeConfiguration: {} },
    legacy: { readAt: Date.parse('2026-02-01T00:00:00Z') },
    broker: { role },
    alarms: { found: {} },
  } satisfies Observed;
}

export type Deployed = ReturnType<typeof deployed>;

/** A changed stack, and the plan for it. */
export interface PlanCase {
  name: string;
  /** What differs from the stack as a deploy leaves it. */
  observed?(stack: Deployed): Partial<Observed>;
  settings?: Partial<SettingValues>;
  command?: 'deploy' | 'teardown';
  /** The lines of the entries that change something, as the plan prints them at 80 columns. */
  lines: string[];
  /** The calls, in order. */
  writes: string[];
  /** What the entries ask to confirm, in order; nothing when left out. */
  destroys?: string[];
  /** What they open, and ask to confirm; nothing when left out. */
  widens?: string[];
}

/** The entries of a plan for the whole stack. */
export function entriesOf({
  observed,
  settings,
  command = 'deploy',
}: Pick<PlanCase, 'observed' | 'settings' | 'command'>): Entry[] {
  const stack = deployed();
  return planStack(command, { ...stack, ...observed?.(stack) }, scopeWith(settings)).entries;
}

/** Entries as a plan prints them, without colours, at 80 columns. */
export function linesOf(entries: Entry[]): string[] {
  return entries.flatMap((entry) => renderEntry(entry, (text) => text, 80));
}

/** Tests each case: exactly these entries change something, with these differences, notes, calls and confirmations. */
export function checkPlans(t: Test, cases: PlanCase[]): void {
  for (const { name, lines, writes, destroys = [], widens = [], ...given } of cases)
    t.test(name, async (t) => {
      const changing = entriesOf(given).filter((entry) => entry.writes.length > 0);
      t.strictSame(linesOf(changing), lines);
      t.strictSame(
        changing.flatMap((entry) => entry.writes.map(({ call }) => call)),
        writes,
      );
      t.strictSame(
        changing.flatMap((entry) => entry.destroys ?? []),
        destroys,
      );
      t.strictSame(
        changing.flatMap((entry) => entry.widens ?? []),
        widens,
      );
    });
}

/** A stack, and what its plan tells the operator without changing anything. */
export interface NoteCase extends Pick<PlanCase, 'name' | 'observed' | 'settings' | 'command'> {
  /** The lines of the entries, as the plan prints them at 80 columns. */
  lines: string[];
}

/** The entries about these kinds of resource that change nothing and have something to say. */
export function notesOn(kinds: string[], given: Pick<PlanCase, 'observed' | 'settings' | 'command'>): Entry[] {
  return entriesOf(given).filter(
    ({ resource, note, writes }) => kinds.includes(resource) && note !== undefined && writes.length === 0,
  );
}

/** Tests each case: exactly these notes on these kinds of resource. */
export function checkNotes(t: Test, kinds: string[], cases: NoteCase[]): void {
  for (const { name, lines, ...given } of cases)
    t.test(name, async (t) => t.strictSame(linesOf(notesOn(kinds, given)), lines));
}
