/**
 * Each single field that can drift: found, shown as old -> new, and mended with only the calls it needs.
 */

import * as logs from '@aws-sdk/client-cloudwatch-logs';
import * as events from '@aws-sdk/client-eventbridge';
import * as iam from '@aws-sdk/client-iam';
import * as lambda from '@aws-sdk/client-lambda';
import * as s3 from '@aws-sdk/client-s3';
import t from 'tap';
import { type Operator, startOperator } from '../support/operator.js';

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
  /** Leaves behind what is no drift: Lambda's defaults written out, somebody's own role. */
  leaves?: true;
}

const drifts: Drift[] = [
  {
    name: 'log group gone',
    drift: ({ aws }) => aws.logs.send(new logs.DeleteLogGroupCommand({ logGroupName: `/aws/lambda/${FunctionName}` })),
    shown: [`+ log group       /aws/lambda/${FunctionName}`, '    + retention: 30 days'],
    writes: ['logs:CreateLogGroup', 'logs:PutRetentionPolicy'],
  },
  {
    name: 'log group of ours without its retention',
    drift: ({ aws }) =>
      aws.logs.send(new logs.DeleteRetentionPolicyCommand({ logGroupName: `/aws/lambda/${FunctionName}` })),
    shown: [`~ log group       /aws/lambda/${FunctionName}`, '    ~ retention: for ever -> 30 days'],
    writes: ['logs:PutRetentionPolicy'],
  },
  {
    name: 'log retention asked for',
    drift: () => undefined,
    args: ['--log-retention-days', '60'],
    shown: [`~ log group       /aws/lambda/${FunctionName}`, '    ~ retention: 30 days -> 60 days'],
    writes: ['logs:PutRetentionPolicy'],
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
    name: 'role policy: a statement gone, another one there',
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
    name: 'role policy gone',
    drift: ({ aws }) => aws.iam.send(new iam.DeleteRolePolicyCommand({ RoleName, PolicyName: `${RoleName}-inline` })),
    shown: [
      `~ execution role  ${RoleName}`,
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
    ],
    writes: ['iam:PutRolePolicy'],
  },
  {
    name: 'permissions boundary asked for',
    drift: () => undefined,
    args: ['--permissions-boundary', 'arn:aws:iam::aws:policy/AdministratorAccess'],
    shown: [`~ execution role  ${RoleName}`, '    + permissions boundary: arn:aws:iam::aws:policy/AdministratorAccess'],
    writes: ['iam:PutRolePermissionsBoundary'],
  },
  {
    name: 'code',
    drift: async ({ sandbox }) => {
      const fn = sandbox.state.lambda.functions.get(FunctionName);
      if (fn !== undefined) fn.codeSha256 = 'c29tZWJvZHkgZWxzZQ==';
    },
    shown: [`~ function        ${FunctionName}`, '    ~ code: SHA-256 c29tZWJvZHkgZWxzZQ== -> SHA-256', '      <code>'],
    writes: ['lambda:UpdateFunctionCode'],
  },
  {
    name: "another version's code: its tag is changed once the code has been",
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
    name: 'installed before there was a tag of the version',
    drift: ({ sandbox }) =>
      sandbox.state.lambda.functions.get(FunctionName)?.tags.delete('agentkeys-ses-routing:version'),
    shown: [`~ function        ${FunctionName}`, '    + tag agentkeys-ses-routing:version: <version>'],
    writes: ['lambda:TagResource'],
  },
  {
    name: 'architecture',
    drift: ({ sandbox }) => {
      const fn = sandbox.state.lambda.functions.get(FunctionName);
      if (fn !== undefined) fn.architectures = ['x86_64'];
    },
    shown: [`~ function        ${FunctionName}`, '    ~ architecture: x86_64 -> arm64'],
    writes: ['lambda:UpdateFunctionCode'],
  },
  {
    name: 'runtime',
    drift: configured({ Runtime: 'nodejs22.x' }),
    shown: [`~ function        ${FunctionName}`, '    ~ runtime: nodejs22.x -> nodejs24.x'],
    writes: ['lambda:UpdateFunctionConfiguration'],
  },
  {
    name: 'handler',
    drift: configured({ Handler: 'other.main' }),
    shown: [`~ function        ${FunctionName}`, '    ~ handler: other.main -> index.handler'],
    writes: ['lambda:UpdateFunctionConfiguration'],
  },
  {
    name: 'memory',
    drift: configured({ MemorySize: 128 }),
    shown: [`~ function        ${FunctionName}`, '    ~ memory: 128 MiB -> 256 MiB'],
    writes: ['lambda:UpdateFunctionConfiguration'],
  },
  {
    name: 'timeout',
    drift: configured({ Timeout: 3 }),
    shown: [`~ function        ${FunctionName}`, '    ~ timeout: 3 s -> 30 s'],
    writes: ['lambda:UpdateFunctionConfiguration'],
  },
  {
    name: 'role of the function',
    drift: async (operator) => {
      await operator.aws.iam.send(
        new iam.CreateRoleCommand({ RoleName: 'another', AssumeRolePolicyDocument: trustOf('lambda.amazonaws.com') }),
      );
      await configured({ Role: 'arn:aws:iam::111122223333:role/another' })(operator);
    },
    shown: [
      `~ function        ${FunctionName}`,
      '    ~ role: arn:aws:iam::111122223333:role/another ->',
      `      arn:aws:iam::111122223333:role/${RoleName}`,
    ],
    writes: ['lambda:UpdateFunctionConfiguration'],
    leaves: true,
  },
  ...Object.entries({ ...environment, PREFIXES: '' }).map(([variable, value]) => ({
    name: `environment ${variable}`,
    drift: configured({ Environment: { Variables: { ...environment, [variable]: 'something-else' } } }),
    args: ['PREFIXES', 'MAIL_DOMAIN', 'BUCKET'].includes(variable) ? ['--yes'] : [],
    shown: [
      `~ function        ${FunctionName}`,
      `    ~ environment ${variable}: something-else -> ${variable === 'PREFIXES' ? 'or' : value || '(empty)'}`,
    ],
    writes: ['lambda:UpdateFunctionConfiguration'],
  })),
  {
    name: 'an environment variable too many',
    drift: configured({ Environment: { Variables: { ...environment, NODE_OPTIONS: '--require=/tmp/x' } } }),
    shown: [`~ function        ${FunctionName}`, '    - environment NODE_OPTIONS: --require=/tmp/x'],
    writes: ['lambda:UpdateFunctionConfiguration'],
  },
  {
    name: 'log level asked for',
    drift: () => undefined,
    args: ['--log-level', 'error'],
    shown: [`~ function        ${FunctionName}`, '    ~ environment LOG_LEVEL: info -> error'],
    writes: ['lambda:UpdateFunctionConfiguration'],
  },
  {
    name: 'a role that was deleted and made again: the function is bound to it by way of another',
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
      '    ~ tag agentkeys-ses-routing:role-id: AROAOLD -> (known once it is made)',
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
    name: 'reserved concurrency asked for',
    drift: () => undefined,
    args: ['--reserved-concurrency', '10'],
    shown: [`~ function        ${FunctionName}`, '    + reserved concurrency: 10'],
    writes: ['lambda:PutFunctionConcurrency'],
  },
  {
    name: 'no environment at all',
    drift: configured({ Environment: { Variables: {} } }),
    shown: [
      `~ function        ${FunctionName}`,
      '    + environment ACCOUNT_ID: 111122223333',
      '    + environment BUCKET: agentkeys-mail-111122223333',
      '    + environment DELETE_SOURCE: false',
      '    + environment LOG_LEVEL: info',
      '    + environment MAIL_DOMAIN: (empty)',
      '    + environment PREFIXES: or',
    ],
    writes: ['lambda:UpdateFunctionConfiguration'],
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
    name: 'an old permission beside the right one',
    drift: ({ aws }) =>
      aws.lambda.send(
        new lambda.AddPermissionCommand({
          FunctionName,
          StatementId: 'agentkeys-ses-routing-events-000000000000',
          Action: 'lambda:InvokeFunction',
          Principal: 'events.amazonaws.com',
          SourceArn: `${ruleArn}-old`,
        }),
      ),
    shown: [
      '~ permission      agentkeys-ses-routing-events-e0c94805ecaf',
      '    - statement: Allow lambda:InvokeFunction on',
      `      ${functionArn} for`,
      '      events.amazonaws.com when AWS:SourceArn ArnLike',
      `      ${ruleArn}-old`,
    ],
    writes: ['lambda:RemovePermission'],
  },
  {
    name: 'permission gone',
    drift: async ({ aws, sandbox }) => {
      const [statement] = sandbox.state.lambda.functions.get(FunctionName)?.policy ?? [];
      await aws.lambda.send(new lambda.RemovePermissionCommand({ FunctionName, StatementId: statement?.Sid }));
    },
    shown: [
      '+ permission      agentkeys-ses-routing-events-e0c94805ecaf',
      '    + statement: Allow lambda:InvokeFunction on',
      `      ${functionArn} for`,
      '      events.amazonaws.com when AWS:SourceArn ArnLike',
      `      ${ruleArn}`,
    ],
    writes: ['lambda:AddPermission'],
  },
  {
    name: 'permission for another rule: the right one is added before it goes',
    drift: ({ sandbox }) => {
      const [statement] = sandbox.state.lambda.functions.get(FunctionName)?.policy ?? [];
      if (statement !== undefined) {
        statement.Sid = 'agentkeys-ses-routing-events-000000000000';
        statement.Condition = { ArnLike: { 'AWS:SourceArn': `${ruleArn}-old` } };
      }
    },
    shown: [
      '~ permission      agentkeys-ses-routing-events-e0c94805ecaf',
      '    - statement: Allow lambda:InvokeFunction on',
      `      ${functionArn} for`,
      '      events.amazonaws.com when AWS:SourceArn ArnLike',
      `      ${ruleArn}-old`,
      '    + statement: Allow lambda:InvokeFunction on',
      `      ${functionArn} for`,
      '      events.amazonaws.com when AWS:SourceArn ArnLike',
      `      ${ruleArn}`,
    ],
    writes: ['lambda:AddPermission', 'lambda:RemovePermission'],
  },
  {
    name: 'permission under our id with another content',
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
    name: 'rule with another pattern',
    drift: ({ aws }) =>
      aws.events.send(
        new events.PutRuleCommand({ Name: Rule, EventPattern: '{"source":["aws.s3"]}', State: 'ENABLED' }),
      ),
    shown: [
      `~ rule            ${Rule}`,
      '    ~ pattern: {"source":["aws.s3"]} ->',
      '      {"detail":{"bucket":{"name":["agentkeys-mail-111122223333"]},"object":{"key":[{"prefix":"inbound/"}]}},"detail-type":["Object',
      '      Created"],"source":["aws.s3"]}',
    ],
    writes: ['events:PutRule'],
  },
  {
    name: 'rule that is a schedule by now',
    drift: ({ sandbox }) => {
      const rule = sandbox.state.events.rules.get(Rule);
      if (rule !== undefined) delete rule.pattern;
    },
    shown: [
      `~ rule            ${Rule}`,
      '    ~ pattern: (none) ->',
      '      {"detail":{"bucket":{"name":["agentkeys-mail-111122223333"]},"object":{"key":[{"prefix":"inbound/"}]}},"detail-type":["Object',
      '      Created"],"source":["aws.s3"]}',
    ],
    writes: ['events:PutRule'],
  },
  {
    name: 'target gone',
    drift: ({ aws }) => aws.events.send(new events.RemoveTargetsCommand({ Rule, Ids: ['agentkeys-ses-routing'] })),
    shown: [
      '+ target          agentkeys-ses-routing',
      '    + function:',
      `      ${functionArn}`,
      '    + event age: 86400',
      '    + retries: 185',
    ],
    writes: ['events:PutTargets'],
  },
  {
    name: 'target with another function and retry policy, and an input of its own',
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
      '    - Input: "{\\"a\\":1}"',
    ],
    writes: ['events:PutTargets'],
  },
  {
    name: 'EventBridge off: turned on again, the other notifications kept',
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
    // The time from before goes first: a run that ends in between must not leave it to be trusted.
    writes: ['events:TagResource', 's3:PutBucketNotificationConfiguration', 'events:TagResource'],
  },
  {
    name: 'nothing says since when EventBridge is on',
    drift: ({ aws }) =>
      aws.events.send(new events.UntagResourceCommand({ ResourceARN: ruleArn, TagKeys: ['eventbridge-on-since'] })),
    shown: [
      '~ bucket events   agentkeys-mail-111122223333',
      '    EventBridge is on already; from when on is noted',
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
      '    + statement: Deny s3:GetObject* on',
      `      ${bucketArn}/bots/*/inbound/*`,
    ],
    writes: ['iam:PutRolePolicy'],
  },
];

/** The lines of the entries that change something, and what hangs below them. */
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

for (const { name, drift, shown, writes, args = [], leaves } of drifts) {
  t.test(name, async (t) => {
    const operator = await startOperator(t);
    const first = await operator.run(['deploy']);
    t.equal(first.status, 0, first.stderr);
    const right = operator.sandbox.snapshot();
    const since = operator.sandbox.state.events.rules.get(Rule)?.tags.get('eventbridge-on-since');
    const { codeSha256: code, tags } = operator.sandbox.state.lambda.functions.get(FunctionName) ?? {};
    const version = tags?.get('agentkeys-ses-routing:version');
    await drift(operator);
    const mended = await operator.run(['deploy', ...args]);
    t.equal(mended.status, 0, mended.stderr);
    const values = { '<then>': since, '<code>': code, '<version>': version };
    const expected = shown.map((line) => line.replace(/<\w+>/, (name) => values[name as keyof typeof values] ?? name));
    t.strictSame(changing(mended.stdout), expected);
    t.strictSame(mended.writes, writes);
    if (args.length === 0 && !leaves) t.strictSame(withoutSince(operator.sandbox.snapshot()), withoutSince(right));
    t.strictSame((await operator.run(['deploy', ...args])).writes, [], 'and then there is nothing to do');
  });
}

/** When EventBridge was found on is no drift. */
function withoutSince(snapshot: unknown): unknown {
  return JSON.parse(JSON.stringify(snapshot).replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>'));
}
