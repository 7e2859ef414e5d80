/**
 * Drift on the embedded AWS, a case for each kind of call that repairs it: AWS accepts the call, the stack is then exactly as it was, and a
 * second deploy writes nothing. The differences are those of the plan tests, in plan/cases, which have more of them.
 */

import * as logs from '@aws-sdk/client-cloudwatch-logs';
import * as events from '@aws-sdk/client-eventbridge';
import * as iam from '@aws-sdk/client-iam';
import * as lambda from '@aws-sdk/client-lambda';
import * as s3 from '@aws-sdk/client-s3';
import t from 'tap';
import { type Operator, startDeployed } from '../support/operator.js';
import { brokerCases } from './plan/cases/broker.js';
import { bucketEventsCases } from './plan/cases/bucket-events.js';
import { executionRoleCases, widePolicy } from './plan/cases/execution-role.js';
import { functionCases } from './plan/cases/function.js';
import { logGroupCases } from './plan/cases/log-group.js';
import { permissionCases } from './plan/cases/permission.js';
import { ruleCases } from './plan/cases/rule.js';
import {
  brokerName,
  brokerStatements,
  code,
  environment,
  functionArn,
  functionName,
  type PlanCase,
  roleName,
  ruleArn,
  ruleName,
  trustOf,
  versionTag,
} from './plan/support.js';

const FunctionName = functionName;
const RoleName = roleName;
const Rule = ruleName;

interface Drift {
  /** The same difference in a plan test: what the plan shows, and the calls. */
  plan: PlanCase;
  drift(operator: Operator): unknown;
  args?: string[];
  /** The account differs afterwards in what is no drift: Lambda's defaults stored explicitly, an extra role. */
  leaves?: true;
}

/** @throws {Error} when no case has this name. */
function planOf(cases: PlanCase[], name: string): PlanCase {
  const found = cases.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no plan test has the name ${name}`);
  return found;
}

const drifts: Drift[] = [
  {
    plan: planOf(logGroupCases, 'missing'),
    drift: ({ aws }) => aws.logs.send(new logs.DeleteLogGroupCommand({ logGroupName: `/aws/lambda/${FunctionName}` })),
  },
  {
    plan: planOf(logGroupCases, 'a tag requested: on every managed resource'),
    drift: () => undefined,
    args: ['--tag', 'team=mail'],
  },
  {
    plan: planOf(executionRoleCases, 'another trust policy'),
    drift: ({ aws }) =>
      aws.iam.send(
        new iam.UpdateAssumeRolePolicyCommand({
          RoleName,
          PolicyDocument: JSON.stringify(trustOf('ec2.amazonaws.com')),
        }),
      ),
  },
  {
    plan: planOf(executionRoleCases, 'one statement of its policy is another'),
    drift: ({ aws }) =>
      aws.iam.send(
        new iam.PutRolePolicyCommand({
          RoleName,
          PolicyName: `${RoleName}-inline`,
          PolicyDocument: JSON.stringify(widePolicy),
        }),
      ),
  },
  {
    plan: planOf(executionRoleCases, 'a permissions boundary requested'),
    drift: () => undefined,
    args: ['--permissions-boundary', 'arn:aws:iam::aws:policy/AdministratorAccess'],
  },
  {
    plan: planOf(functionCases, "another version's code: its tag is changed after the code"),
    drift: ({ sandbox }) => {
      const fn = sandbox.state.lambda.functions.get(FunctionName);
      if (fn !== undefined) fn.codeSha256 = 'c29tZWJvZHkgZWxzZQ==';
      fn?.tags.set('agentkeys-ses-routing:version', '0.0.9+736f6d65626f');
    },
  },
  {
    plan: planOf(functionCases, 'an extra environment variable'),
    drift: ({ aws }) => {
      const Variables = { ...environment, NODE_OPTIONS: '--require=/tmp/x' };
      return aws.lambda.send(
        new lambda.UpdateFunctionConfigurationCommand({ FunctionName, Environment: { Variables } }),
      );
    },
  },
  {
    // The function keeps the tag of the role that is gone.
    plan: planOf(executionRoleCases, 'missing: the function is bound to the new role by way of the interim role'),
    drift: async ({ aws, sandbox }) => {
      await aws.iam.send(new iam.DeleteRolePolicyCommand({ RoleName, PolicyName: `${RoleName}-inline` }));
      await aws.iam.send(new iam.DeleteRoleCommand({ RoleName }));
      const fn = sandbox.state.lambda.functions.get(FunctionName);
      fn?.tags.set('agentkeys-ses-routing:role-id', 'AROAEXECUTIONROLE');
    },
    leaves: true,
  },
  {
    plan: planOf(functionCases, 'asynchronous retries and event age'),
    drift: ({ aws }) =>
      aws.lambda.send(
        new lambda.UpdateFunctionEventInvokeConfigCommand({
          FunctionName,
          MaximumRetryAttempts: 0,
          MaximumEventAgeInSeconds: 60,
        }),
      ),
    leaves: true,
  },
  {
    plan: planOf(functionCases, 'another reserved concurrency'),
    drift: ({ aws }) =>
      aws.lambda.send(new lambda.PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 7 })),
    args: ['--reserved-concurrency', '10'],
  },
  {
    plan: planOf(permissionCases, 'the id with another statement: removed before the right one is added'),
    drift: ({ sandbox }) => {
      const [statement] = sandbox.state.lambda.functions.get(FunctionName)?.policy ?? [];
      if (statement !== undefined) statement.Condition = {};
    },
  },
  {
    plan: planOf(ruleCases, 'disabled'),
    drift: ({ aws }) => aws.events.send(new events.DisableRuleCommand({ Name: Rule })),
  },
  {
    plan: planOf(ruleCases, 'its target has another function and retry policy, and an input'),
    drift: ({ sandbox }) =>
      sandbox.state.events.rules.get(Rule)?.targets.set('agentkeys-ses-routing', {
        Id: 'agentkeys-ses-routing',
        Arn: `${functionArn}-old`,
        RetryPolicy: { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 },
        Input: '{"a":1}',
      }),
  },
  {
    plan: planOf(bucketEventsCases, 'EventBridge off: turned on, other notifications kept; the tag is reset before'),
    drift: async ({ aws, bucket }) => {
      const { EventBridgeConfiguration, $metadata, ...others } = await aws.s3.send(
        new s3.GetBucketNotificationConfigurationCommand({ Bucket: bucket }),
      );
      await aws.s3.send(
        new s3.PutBucketNotificationConfigurationCommand({
          Bucket: bucket,
          SkipDestinationValidation: true,
          NotificationConfiguration: others,
        }),
      );
    },
  },
  {
    plan: planOf(bucketEventsCases, 'EventBridge on, without the tag'),
    drift: ({ aws }) =>
      aws.events.send(new events.UntagResourceCommand({ ResourceARN: ruleArn, TagKeys: ['eventbridge-on-since'] })),
  },
  {
    plan: planOf(brokerCases, 'its policy without the deny'),
    drift: ({ aws }) =>
      aws.iam.send(
        new iam.PutRolePolicyCommand({
          RoleName: brokerName,
          PolicyName: 'agentkeys-ses-routing-broker',
          PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: brokerStatements }),
        }),
      ),
  },
];

/** On one line: values differ in length from those of the plan tests, and so lines break elsewhere. */
const words = (lines: string[]) => lines.join(' ').replace(/\s+/g, ' ');

/** The lines of the entries that change something. */
function changing(stdout: string): string[] {
  const lines: string[] = [];
  let changes = false;
  for (const line of stdout.split('\n')) {
    if (/^[-+~>=!] /.test(line)) changes = /^[-+~>] /.test(line);
    else if (!line.startsWith('    ')) changes = false;
    if (changes) lines.push(line);
  }
  return lines;
}

for (const { plan, drift, args = [], leaves } of drifts) {
  t.test(words(plan.lines.slice(0, 1)).replace(/^. /, '').concat(': ', plan.name), async (t) => {
    const operator = await startDeployed(t);
    const right = operator.sandbox.snapshot();
    const since = operator.sandbox.state.events.rules.get(Rule)?.tags.get('eventbridge-on-since');
    const { codeSha256, tags } = operator.sandbox.state.lambda.functions.get(FunctionName) ?? {};
    await drift(operator);
    const repaired = await operator.run(['deploy', ...args, ...(plan.destroys === undefined ? [] : ['--yes'])]);
    t.equal(repaired.status, 0, repaired.stderr);
    const expected = words(plan.lines)
      .replace('2026-01-01T00:00:00.000Z', String(since))
      .replace(code.codeSha256, String(codeSha256))
      .replace(versionTag, String(tags?.get('agentkeys-ses-routing:version')));
    t.equal(words(changing(repaired.stdout)), expected);
    t.strictSame(repaired.writes, plan.writes);
    if (args.length === 0 && !leaves) t.strictSame(withoutSince(operator.sandbox.snapshot()), withoutSince(right));
    t.strictSame((await operator.run(['deploy', ...args])).writes, [], 'a second deploy writes nothing');
  });
}

/** When EventBridge was found to be on is no drift. */
function withoutSince(snapshot: unknown): unknown {
  return JSON.parse(JSON.stringify(snapshot).replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>'));
}
