/**
 * Drift on the embedded AWS, a case for each kind of call that repairs it: AWS accepts the call, the stack is then exactly as it was, and a
 * second deploy writes nothing. What a plan shows of each field that can drift is in plan/.
 */

import * as logs from '@aws-sdk/client-cloudwatch-logs';
import * as events from '@aws-sdk/client-eventbridge';
import * as iam from '@aws-sdk/client-iam';
import * as lambda from '@aws-sdk/client-lambda';
import * as s3 from '@aws-sdk/client-s3';
import t from 'tap';
import { type Operator, startDeployed } from '../support/operator.js';

const FunctionName = 'agentkeys-ses-routing';
const RoleName = 'agentkeys-ses-routing-role';
const Rule = 'agentkeys-ses-routing-inbound';
const functionArn = `arn:aws:lambda:us-east-1:111122223333:function:${FunctionName}`;
const ruleArn = `arn:aws:events:us-east-1:111122223333:rule/${Rule}`;
const bucketArn = 'arn:aws:s3:::agentkeys-mail-111122223333';
const trustOf = (service: string) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }],
  });
const configured = (input: Omit<lambda.UpdateFunctionConfigurationCommandInput, 'FunctionName'>) => (o: Operator) =>
  o.aws.lambda.send(new lambda.UpdateFunctionConfigurationCommand({ FunctionName, ...input }));
const environment = {
  ACCOUNT_ID: '111122223333',
  BUCKET: 'agentkeys-mail-111122223333',
  DELETE_SOURCE: 'false',
  LOG_LEVEL: 'info',
  MAIL_DOMAIN: '',
  PREFIXES: 'or',
};

interface Drift {
  name: string;
  drift(operator: Operator): unknown;
  /** The lines under the entry, as the plan prints them. */
  shown: string[];
  writes: string[];
  args?: string[];
  /** It needs --yes. */
  consents?: true;
  /** The account differs afterwards in what is no drift: Lambda's defaults stored explicitly, an extra role. */
  leaves?: true;
}

const drifts: Drift[] = [
  {
    name: 'log group missing',
    drift: ({ aws }) => aws.logs.send(new logs.DeleteLogGroupCommand({ logGroupName: `/aws/lambda/${FunctionName}` })),
    shown: [`+ log group       /aws/lambda/${FunctionName}`, '    + retention: 30 days'],
    writes: ['logs:CreateLogGroup', 'logs:PutRetentionPolicy'],
  },
  {
    name: "log group without the operator's tag",
    drift: () => undefined,
    args: ['--tag', 'team=mail'],
    shown: [
      `~ log group       /aws/lambda/${FunctionName}`,
      '    + tag team: mail',
      `~ execution role  ${RoleName}`,
      '    + tag team: mail',
      `~ function        ${FunctionName}`,
      '    + tag team: mail',
      `~ rule            ${Rule}`,
      '    + tag team: mail',
    ],
    writes: ['logs:TagResource', 'iam:TagRole', 'lambda:TagResource', 'events:TagResource'],
  },
  {
    name: 'trust policy',
    drift: ({ aws }) =>
      aws.iam.send(new iam.UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument: trustOf('ec2.amazonaws.com') })),
    shown: [
      `~ execution role  ${RoleName}`,
      '    - trust policy: Allow sts:AssumeRole for ec2.amazonaws.com',
      '    + trust policy: Allow sts:AssumeRole for lambda.amazonaws.com',
    ],
    writes: ['iam:UpdateAssumeRolePolicy'],
  },
  {
    name: 'role policy: one statement is another',
    drift: ({ aws }) =>
      aws.iam.send(
        new iam.PutRolePolicyCommand({
          RoleName,
          PolicyName: `${RoleName}-inline`,
          PolicyDocument: JSON.stringify({
            Version: '2012-10-17',
            Statement: [
              { Effect: 'Allow', Action: 's3:GetObject', Resource: `${bucketArn}/*` },
              {
                Effect: 'Allow',
                Action: ['s3:ListBucket'],
                Resource: [bucketArn],
                Condition: { StringLike: { 's3:prefix': ['inbound/*'] } },
              },
              { Effect: 'Allow', Action: 's3:PutObject', Resource: `${bucketArn}/bots/*/inbound/*` },
              {
                Effect: 'Allow',
                Action: ['logs:PutLogEvents', 'logs:CreateLogStream'],
                Resource: `arn:aws:logs:us-east-1:111122223333:log-group:/aws/lambda/${FunctionName}:*`,
              },
            ],
          }),
        }),
      ),
    shown: [
      `~ execution role  ${RoleName}`,
      `    - policy ${RoleName}-inline: Allow s3:GetObject on`,
      `      ${bucketArn}/*`,
      `    + policy ${RoleName}-inline: Allow s3:GetObject on`,
      `      ${bucketArn}/inbound/*`,
    ],
    writes: ['iam:PutRolePolicy'],
  },
  {
    name: 'permissions boundary requested',
    drift: () => undefined,
    args: ['--permissions-boundary', 'arn:aws:iam::aws:policy/AdministratorAccess'],
    shown: [`~ execution role  ${RoleName}`, '    + permissions boundary: arn:aws:iam::aws:policy/AdministratorAccess'],
    writes: ['iam:PutRolePermissionsBoundary'],
  },
  {
    name: "another version's code: its tag is changed after the code",
    drift: ({ sandbox }) => {
      const fn = sandbox.state.lambda.functions.get(FunctionName);
      if (fn !== undefined) fn.codeSha256 = 'c29tZWJvZHkgZWxzZQ==';
      fn?.tags.set('agentkeys-ses-routing:version', '0.0.9+736f6d65626f');
    },
    shown: [
      `~ function        ${FunctionName}`,
      '    ~ code: SHA-256 c29tZWJvZHkgZWxzZQ== -> SHA-256',
      '      <code>',
      '    ~ tag agentkeys-ses-routing:version: 0.0.9+736f6d65626f ->',
      '      <version>',
    ],
    writes: ['lambda:UpdateFunctionCode', 'lambda:TagResource'],
  },
  {
    name: 'an extra environment variable',
    drift: configured({ Environment: { Variables: { ...environment, NODE_OPTIONS: '--require=/tmp/x' } } }),
    shown: [`~ function        ${FunctionName}`, '    - environment NODE_OPTIONS: (value not shown)'],
    consents: true,
    writes: ['lambda:UpdateFunctionConfiguration'],
  },
  {
    name: 'a role that was deleted and created again: the function is bound to it by way of the interim role',
    drift: async ({ aws, sandbox }) => {
      await aws.iam.send(new iam.DeleteRolePolicyCommand({ RoleName, PolicyName: `${RoleName}-inline` }));
      await aws.iam.send(new iam.DeleteRoleCommand({ RoleName }));
      const fn = sandbox.state.lambda.functions.get(FunctionName);
      fn?.tags.set('agentkeys-ses-routing:role-id', 'AROAOLD');
    },
    shown: [
      `+ execution role  ${RoleName}`,
      '    + trust policy: Allow sts:AssumeRole for lambda.amazonaws.com',
      `    + policy ${RoleName}-inline: Allow s3:GetObject on`,
      `      ${bucketArn}/inbound/*`,
      `    + policy ${RoleName}-inline: Allow s3:ListBucket on`,
      `      ${bucketArn} when s3:prefix StringLike`,
      '      inbound/*',
      `    + policy ${RoleName}-inline: Allow s3:PutObject on`,
      `      ${bucketArn}/bots/*/inbound/*`,
      `    + policy ${RoleName}-inline: Allow logs:CreateLogStream,`,
      '      logs:PutLogEvents on',
      `      arn:aws:logs:us-east-1:111122223333:log-group:/aws/lambda/${FunctionName}:*`,
      `~ function        ${FunctionName}`,
      '    ~ tag agentkeys-ses-routing:role-id: AROAOLD -> (known after apply)',
    ],
    writes: [
      'iam:CreateRole',
      'iam:PutRolePolicy',
      'iam:CreateRole',
      'lambda:UpdateFunctionConfiguration',
      'lambda:UpdateFunctionConfiguration',
      'iam:DeleteRole',
      'lambda:TagResource',
    ],
    leaves: true,
  },
  {
    name: 'asynchronous retries and event age',
    drift: ({ aws }) =>
      aws.lambda.send(
        new lambda.PutFunctionEventInvokeConfigCommand({
          FunctionName,
          MaximumRetryAttempts: 0,
          MaximumEventAgeInSeconds: 60,
        }),
      ),
    shown: [
      `~ function        ${FunctionName}`,
      '    ~ asynchronous retries: 0 -> 2',
      '    ~ event age: 60 s -> 21600 s',
    ],
    writes: ['lambda:UpdateFunctionEventInvokeConfig'],
    leaves: true,
  },
  {
    name: 'another reserved concurrency',
    drift: ({ aws }) =>
      aws.lambda.send(new lambda.PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 7 })),
    args: ['--reserved-concurrency', '10'],
    shown: [`~ function        ${FunctionName}`, '    ~ reserved concurrency: 7 -> 10'],
    writes: ['lambda:PutFunctionConcurrency'],
  },
  {
    name: 'the id of the permission with another statement',
    drift: ({ sandbox }) => {
      const [statement] = sandbox.state.lambda.functions.get(FunctionName)?.policy ?? [];
      if (statement !== undefined) statement.Condition = {};
    },
    shown: [
      '~ permission      agentkeys-ses-routing-events-e0c94805ecaf',
      '    - statement: Allow lambda:InvokeFunction on',
      `      ${functionArn} for`,
      '      events.amazonaws.com',
      '    + statement: Allow lambda:InvokeFunction on',
      `      ${functionArn} for`,
      '      events.amazonaws.com when AWS:SourceArn ArnLike',
      `      ${ruleArn}`,
    ],
    writes: ['lambda:RemovePermission', 'lambda:AddPermission'],
  },
  {
    name: 'rule disabled',
    drift: ({ aws }) => aws.events.send(new events.DisableRuleCommand({ Name: Rule })),
    shown: [`~ rule            ${Rule}`, '    ~ state: DISABLED -> ENABLED'],
    writes: ['events:PutRule'],
  },
  {
    name: 'target with another function and retry policy, and an input',
    drift: ({ sandbox }) =>
      sandbox.state.events.rules.get(Rule)?.targets.set('agentkeys-ses-routing', {
        Id: 'agentkeys-ses-routing',
        Arn: `${functionArn}-old`,
        RetryPolicy: { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 },
        Input: '{"a":1}',
      }),
    shown: [
      '~ target          agentkeys-ses-routing',
      '    ~ function:',
      `      ${functionArn}-old`,
      `      -> ${functionArn}`,
      '    ~ event age: 60 -> 86400',
      '    ~ retries: 0 -> 185',
      '    - Input: (value not shown)',
    ],
    consents: true,
    writes: ['events:PutTargets'],
  },
  {
    name: 'EventBridge off: turned on, other notifications kept',
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
    shown: [
      '~ bucket events   agentkeys-mail-111122223333',
      '    1 other notification(s) kept as they are',
      '    ~ EventBridge: off -> on',
      '    ~ tag eventbridge-on-since: <then> -> now',
    ],
    // The old time is reset first: if the run ends in between, the next one must not rely on it.
    writes: ['events:TagResource', 's3:PutBucketNotificationConfiguration', 'events:TagResource'],
  },
  {
    name: 'EventBridge on, without the tag',
    drift: ({ aws }) =>
      aws.events.send(new events.UntagResourceCommand({ ResourceARN: ruleArn, TagKeys: ['eventbridge-on-since'] })),
    shown: [
      '~ bucket events   agentkeys-mail-111122223333',
      '    EventBridge is already on; the tag records since when',
      '    + tag eventbridge-on-since: now',
    ],
    writes: ['events:TagResource'],
  },
  {
    name: "broker's policy without its deny",
    drift: ({ aws }) =>
      aws.iam.send(
        new iam.PutRolePolicyCommand({
          RoleName: 'agentkeys-broker-host',
          PolicyName: 'agentkeys-ses-routing-broker',
          PolicyDocument: JSON.stringify({
            Version: '2012-10-17',
            Statement: [
              { Effect: 'Allow', Action: 's3:GetObject', Resource: `${bucketArn}/inbound/*` },
              {
                Effect: 'Allow',
                Action: 's3:ListBucket',
                Resource: bucketArn,
                Condition: { StringLike: { 's3:prefix': 'inbound/*' } },
              },
            ],
          }),
        }),
      ),
    shown: [
      '~ broker policy   agentkeys-broker-host/agentkeys-ses-routing-broker',
      '    + statement: Deny s3:* on',
      `      ${bucketArn}/bots/*/inbound/*`,
      '    + statement: Deny s3:ListBucket, s3:ListBucketVersions on',
      `      ${bucketArn} when s3:prefix StringLike`,
      '      bots/*/inbound or bots/*/inbound/*',
    ],
    writes: ['iam:PutRolePolicy'],
  },
];

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

for (const { name, drift, shown, writes, args = [], consents, leaves } of drifts) {
  t.test(name, async (t) => {
    const operator = await startDeployed(t);
    const right = operator.sandbox.snapshot();
    const since = operator.sandbox.state.events.rules.get(Rule)?.tags.get('eventbridge-on-since');
    const { codeSha256: code, tags } = operator.sandbox.state.lambda.functions.get(FunctionName) ?? {};
    const version = tags?.get('agentkeys-ses-routing:version');
    await drift(operator);
    const repaired = await operator.run(['deploy', ...args, ...(consents ? ['--yes'] : [])]);
    t.equal(repaired.status, 0, repaired.stderr);
    const values = { '<then>': since, '<code>': code, '<version>': version };
    const expected = shown.map((line) => line.replace(/<\w+>/, (name) => values[name as keyof typeof values] ?? name));
    t.strictSame(changing(repaired.stdout), expected);
    t.strictSame(repaired.writes, writes);
    if (args.length === 0 && !leaves) t.strictSame(withoutSince(operator.sandbox.snapshot()), withoutSince(right));
    t.strictSame((await operator.run(['deploy', ...args])).writes, [], 'a second deploy writes nothing');
  });
}

/** When EventBridge was found to be on is no drift. */
function withoutSince(snapshot: unknown): unknown {
  return JSON.parse(JSON.stringify(snapshot).replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>'));
}
