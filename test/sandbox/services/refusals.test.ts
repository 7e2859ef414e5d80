/** What AWS refuses, and this project could send by mistake: each request with the status and the code of the refusal. */
import * as logs from '@aws-sdk/client-cloudwatch-logs';
import * as events from '@aws-sdk/client-eventbridge';
import * as iam from '@aws-sdk/client-iam';
import * as lambda from '@aws-sdk/client-lambda';
import * as s3 from '@aws-sdk/client-s3';
import * as sqs from '@aws-sdk/client-sqs';
import t from 'tap';
import { addExecutionRole, createFunction } from '../functions.js';
import { addBucket, addRole, type clients, policy, refusal, start, trustAnyone } from '../support.js';

const account = '111122223333';
const Bucket = 'mail';
const Key = 'inbound/one';
const RoleName = 'reader';
const FunctionName = 'router';
const Rule = 'inbound';
const functionArn = `arn:aws:lambda:us-east-1:${account}:function:${FunctionName}`;
const ruleArn = `arn:aws:events:us-east-1:${account}:rule/${Rule}`;
const logGroupArn = `arn:aws:logs:us-east-1:${account}:log-group:kept`;
const QueueUrl = `http://127.0.0.1/${account}/retry`;

type Clients = ReturnType<typeof clients>;
type Row = [what: string, answer: string, send: (clients: Clients) => Promise<unknown>];

const read = { Effect: 'Allow', Action: 's3:GetObject', Resource: `arn:aws:s3:::${Bucket}/*` };
const trust = { Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sts:AssumeRole' };
const shared = { ...read, Principal: { AWS: `arn:aws:iam::${account}:root` } };
const misspelt = { StringEqual: { 'aws:SourceAccount': account } };
const reserved = { Key: 'aws:team', Value: 'mail' };
const shouted = { Key: 'AWS:team', Value: 'mail' };
const tag = { Key: 'team', Value: 'mail' };
const target = (Id: string) => ({ Id, Arn: functionArn });
const json = (bytes: number) => Buffer.from(`"${'x'.repeat(bytes - 2)}"`);

const putRolePolicy = (...statements: object[]): Row[2] => {
  const input = { RoleName, PolicyName: 'p', PolicyDocument: policy(...statements) };
  return (client) => client.iam.send(new iam.PutRolePolicyCommand(input));
};
const updateTrust = (...statements: object[]): Row[2] => {
  const input = { RoleName, PolicyDocument: policy(...statements) };
  return (client) => client.iam.send(new iam.UpdateAssumeRolePolicyCommand(input));
};
const createPolicy = (PolicyName: string, ...statements: object[]): Row[2] => {
  const input = { PolicyName, PolicyDocument: policy(...statements) };
  return (client) => client.iam.send(new iam.CreatePolicyCommand(input));
};
const putBucketPolicy = (...statements: object[]): Row[2] => {
  const input = { Bucket, Policy: policy(...statements) };
  return (client) => client.s3.send(new s3.PutBucketPolicyCommand(input));
};
const addPermission = (StatementId: string): Row[2] => {
  const input = { FunctionName, StatementId, Action: 'lambda:InvokeFunction', Principal: 'events.amazonaws.com' };
  return (client) => client.lambda.send(new lambda.AddPermissionCommand(input));
};
const invoke = (InvocationType: lambda.InvocationType, bytes: number): Row[2] => {
  const input = { FunctionName, InvocationType, Payload: json(bytes) };
  return (client) => client.lambda.send(new lambda.InvokeCommand(input));
};
const putObject = (input: Partial<s3.PutObjectCommandInput>): Row[2] => {
  return (client) => client.s3.send(new s3.PutObjectCommand({ Bucket, Key, Body: 'hello', ...input }));
};
const putTags = (...TagSet: s3.Tag[]): Row[2] => {
  return (client) => client.s3.send(new s3.PutObjectTaggingCommand({ Bucket, Key, Tagging: { TagSet } }));
};
const configure = (input: Partial<lambda.UpdateFunctionConfigurationCommandInput>): Row[2] => {
  return (client) => client.lambda.send(new lambda.UpdateFunctionConfigurationCommand({ FunctionName, ...input }));
};

const names: Row[] = [
  ...['READER', 'Reader', 'reader'].map((name): Row => {
    const input = { RoleName: name, AssumeRolePolicyDocument: trustAnyone };
    return [`role ${name}`, '409 EntityAlreadyExists', ({ iam: c }) => c.send(new iam.CreateRoleCommand(input))];
  }),
  ['policy TEAM', '409 EntityAlreadyExists', createPolicy('TEAM', read)],
  [
    'user Administrator',
    '409 EntityAlreadyExists',
    ({ iam: c }) => c.send(new iam.CreateUserCommand({ UserName: 'Administrator' })),
  ],
  [
    'instance profile HOST',
    '409 EntityAlreadyExists',
    ({ iam: c }) => c.send(new iam.CreateInstanceProfileCommand({ InstanceProfileName: 'HOST' })),
  ],
];

const [one, dashed] = [{ Sid: 'One' }, { Sid: 'one-two' }];
const malformed = '400 MalformedPolicyDocument';
const statements: Row[] = [
  ['inline policy, a Sid twice', malformed, putRolePolicy({ ...read, ...one }, { ...read, ...one })],
  ['inline policy, a Sid with a dash', malformed, putRolePolicy({ ...read, ...dashed })],
  ['inline policy, an empty Sid twice', 'fine', putRolePolicy({ ...read, Sid: '' }, { ...read, Sid: '' })],
  ['inline policy, an unknown operator', malformed, putRolePolicy({ ...read, Condition: misspelt })],
  [
    'inline policy, a qualified operator',
    'fine',
    putRolePolicy({ ...read, Condition: { 'ForAnyValue:StringLikeIfExists': { 'aws:TagKeys': 'a*' } } }),
  ],
  ['managed policy, a Sid twice', malformed, createPolicy('new', { ...read, ...one }, { ...read, ...one })],
  ['managed policy, a Sid with a dash', malformed, createPolicy('new', { ...read, ...dashed })],
  ['managed policy, an unknown operator', malformed, createPolicy('new', { ...read, Condition: misspelt })],
  ['trust policy, a Sid twice', malformed, updateTrust({ ...trust, ...one }, { ...trust, ...one })],
  ['trust policy, a Sid with a dash', malformed, updateTrust({ ...trust, ...dashed })],
  ['trust policy, an unknown operator', malformed, updateTrust({ ...trust, Condition: misspelt })],
  ['bucket policy, a Sid twice', '400 MalformedPolicy', putBucketPolicy({ ...shared, ...one }, { ...shared, ...one })],
  ['bucket policy, a Sid with blanks', 'fine', putBucketPolicy({ ...shared, Sid: 'Let the account read' })],
  ['bucket policy, an unknown operator', '400 MalformedPolicy', putBucketPolicy({ ...shared, Condition: misspelt })],
  ['permission, a Sid with a blank', '400 ValidationException', addPermission('one two')],
  ['permission, a Sid of 101 characters', '400 ValidationException', addPermission('x'.repeat(101))],
  ['permission, a Sid of 100 characters', 'fine', addPermission('x'.repeat(100))],
  ['permission, a Sid twice', '409 ResourceConflictException', addPermission('x'.repeat(100))],
];

const iamTags = [...[[reserved], [shouted], [tag, { Key: 'Team', Value: 'x' }], [tag, tag]].map((Tags) => ({ Tags }))];
const tags: Row[] = [
  ...iamTags.flatMap(({ Tags }): Row[] => {
    const keys = Tags.map(({ Key: key }) => key).join(' and ');
    const role = { RoleName: 'new', AssumeRolePolicyDocument: trustAnyone, Tags };
    const made = { PolicyName: 'new', PolicyDocument: policy(read), Tags };
    const PolicyArn = `arn:aws:iam::${account}:policy/team`;
    return [
      [`TagRole ${keys}`, '400 InvalidInput', ({ iam: c }) => c.send(new iam.TagRoleCommand({ RoleName, Tags }))],
      [`CreateRole ${keys}`, '400 InvalidInput', ({ iam: c }) => c.send(new iam.CreateRoleCommand(role))],
      [`TagPolicy ${keys}`, '400 InvalidInput', ({ iam: c }) => c.send(new iam.TagPolicyCommand({ PolicyArn, Tags }))],
      [`CreatePolicy ${keys}`, '400 InvalidInput', ({ iam: c }) => c.send(new iam.CreatePolicyCommand(made))],
    ];
  }),
  ...[[reserved], [shouted], [tag, tag]].flatMap((Tags): Row[] => {
    const keys = Tags.map(({ Key: key }) => key).join(' and ');
    const rule = { Name: 'new', EventPattern: '{"source":["aws.s3"]}', Tags };
    const tagged = new events.TagResourceCommand({ ResourceARN: ruleArn, Tags });
    return [
      [`events TagResource ${keys}`, '400 ValidationException', ({ events: c }) => c.send(tagged)],
      [`PutRule ${keys}`, '400 ValidationException', ({ events: c }) => c.send(new events.PutRuleCommand(rule))],
      [`PutObjectTagging ${keys}`, '400 InvalidTag', putTags(...Tags)],
    ];
  }),
  ['PutObject, a reserved tag', '400 InvalidTag', putObject({ Tagging: 'aws:team=mail' })],
  ['PutObject, a tag twice', '400 InvalidArgument', putObject({ Tagging: 'team=mail&team=post' })],
  ['PutObject, 11 tags', '400 BadRequest', putObject({ Tagging: 'abcdefghijk'.replace(/./g, '$&=1&') })],
  [
    'CopyObject, a reserved tag',
    '400 InvalidTag',
    ({ s3: c }) =>
      c.send(
        new s3.CopyObjectCommand({
          Bucket,
          Key: 'copy',
          CopySource: `${Bucket}/${Key}`,
          TaggingDirective: 'REPLACE',
          Tagging: 'aws:team=mail',
        }),
      ),
  ],
  [
    'lambda TagResource',
    '400 InvalidParameterValueException',
    ({ lambda: c }) => c.send(new lambda.TagResourceCommand({ Resource: functionArn, Tags: { 'aws:team': 'x' } })),
  ],
  [
    'logs TagResource',
    '400 InvalidParameterException',
    ({ logs: c }) => c.send(new logs.TagResourceCommand({ resourceArn: logGroupArn, tags: { 'aws:team': 'x' } })),
  ],
  [
    'CreateLogGroup',
    '400 InvalidParameterException',
    ({ logs: c }) => c.send(new logs.CreateLogGroupCommand({ logGroupName: 'new', tags: { 'aws:team': 'x' } })),
  ],
  [
    'TagQueue',
    '400 InvalidParameterValue',
    ({ sqs: c }) => c.send(new sqs.TagQueueCommand({ QueueUrl, Tags: { 'aws:team': 'x' } })),
  ],
  [
    'CreateQueue',
    '400 InvalidParameterValue',
    ({ sqs: c }) => c.send(new sqs.CreateQueueCommand({ QueueName: 'new', tags: { 'aws:team': 'x' } })),
  ],
];

const md5 = '4AFDYeixFNlDkIUYQ8AYHQ==';
const limits: Row[] = [
  [
    'five targets',
    'fine',
    ({ events: c }) => c.send(new events.PutTargetsCommand({ Rule, Targets: [...'12345'].map(target) })),
  ],
  ['a target again', 'fine', ({ events: c }) => c.send(new events.PutTargetsCommand({ Rule, Targets: [target('5')] }))],
  [
    'a sixth target',
    '400 LimitExceededException',
    ({ events: c }) => c.send(new events.PutTargetsCommand({ Rule, Targets: [target('6')] })),
  ],
  ['a key of 1,024 bytes', 'fine', putObject({ Key: 'é'.repeat(512) })],
  ['a key of 1,025 bytes', '400 KeyTooLongError', putObject({ Key: `${'é'.repeat(512)}x` })],
  [
    'reading a key of 1,025 bytes',
    '400 KeyTooLongError',
    ({ s3: c }) => c.send(new s3.GetObjectCommand({ Bucket, Key: 'x'.repeat(1025) })),
  ],
  ['the Content-MD5 of the body', 'fine', putObject({ ContentMD5: 'XUFAKrxLKna5cZ2REBfFkg==' })],
  ['the Content-MD5 of another body', '400 BadDigest', putObject({ ContentMD5: md5 })],
  ['a Content-MD5 of 15 bytes', '400 InvalidDigest', putObject({ ContentMD5: Buffer.alloc(15).toString('base64') })],
  ['a Content-MD5 in hexadecimal', '400 InvalidDigest', putObject({ ContentMD5: '5d41402abc4b2a76b9719d911017c592' })],
  ['asynchronous, 1 MiB', 'fine', invoke('Event', 1_048_576)],
  ['asynchronous, one byte more', '413 RequestEntityTooLargeException', invoke('Event', 1_048_577)],
  ['synchronous, 6 MiB', 'fine', invoke('RequestResponse', 6_291_456)],
  ['synchronous, one byte more', '413 RequestEntityTooLargeException', invoke('RequestResponse', 6_291_457)],
  ['a time-out of 901 s', '400 ValidationException', configure({ Timeout: 901 })],
  ['a time-out of 0 s', '400 ValidationException', configure({ Timeout: 0 })],
  [
    'a runtime that there is not',
    '400 InvalidParameterValueException',
    configure({ Runtime: 'nodejs99.x' as 'nodejs22.x' }),
  ],
];

for (const [group, rows] of Object.entries({ names, statements, tags, limits })) {
  t.test(`${group}: ${rows.length} requests, each with AWS's code and status`, async (t) => {
    const { sandbox, ...client } = await start(t);
    addRole(sandbox, RoleName, policy(read));
    addExecutionRole(sandbox, FunctionName);
    await createFunction(sandbox, FunctionName, 'export const handler = async () => {};');
    // Active from the first reading on.
    await client.lambda.send(new lambda.GetFunctionCommand({ FunctionName }));
    addBucket(sandbox, Bucket);
    await createPolicy('team', read)(client);
    await client.iam.send(new iam.CreateInstanceProfileCommand({ InstanceProfileName: 'host' }));
    await client.events.send(new events.PutRuleCommand({ Name: Rule, EventPattern: '{"source":["aws.s3"]}' }));
    await client.logs.send(new logs.CreateLogGroupCommand({ logGroupName: 'kept' }));
    await client.sqs.send(new sqs.CreateQueueCommand({ QueueName: 'retry' }));
    await putObject({})(client);
    for (const [what, answer, send] of rows) {
      const before = JSON.stringify(sandbox.snapshot());
      // The SDK's names of exceptions end in Exception where AWS's codes need not.
      const told = (await refusal(send(client))).replace(/^(\d+ \w+): .*$/s, '$1');
      const expected = /^\d+ (EntityAlreadyExists|MalformedPolicyDocument|InvalidInput)$/.test(answer)
        ? `${answer}Exception`
        : answer;
      t.equal(told, expected, what);
      if (answer !== 'fine') t.equal(JSON.stringify(sandbox.snapshot()), before, `${what} changes nothing`);
    }
    await sandbox.settled();
  });
}
