import {
  AddPermissionCommand,
  type AddPermissionCommandInput,
  GetFunctionCommand,
  GetPolicyCommand,
  RemovePermissionCommand,
} from '@aws-sdk/client-lambda';
import t from 'tap';
import { addExecutionRole, createFunction, pid } from '../../functions.js';
import { clients, start } from '../../support.js';

const arn = 'arn:aws:lambda:us-east-1:111122223333:function:router';
const rule = 'arn:aws:events:us-east-1:111122223333:rule/inbound';
const input: AddPermissionCommandInput = {
  FunctionName: 'router',
  StatementId: 'events',
  Action: 'lambda:InvokeFunction',
  Principal: 'events.amazonaws.com',
  SourceArn: rule,
};

t.test('the policy, statement by statement', async (t) => {
  const { sandbox } = await start(t);
  const { lambda } = clients(sandbox);
  addExecutionRole(sandbox, 'router');
  await createFunction(sandbox, 'router', pid);
  const revision = async () =>
    (await lambda.send(new GetFunctionCommand({ FunctionName: 'router' }))).Configuration?.RevisionId;
  const policy = () => lambda.send(new GetPolicyCommand({ FunctionName: 'router' }));
  const remove = (StatementId: string, RevisionId?: string) =>
    lambda.send(new RemovePermissionCommand({ FunctionName: 'router', StatementId, RevisionId }));
  const none = { name: 'ResourceNotFoundException', message: 'The resource you requested does not exist.' };
  await t.rejects(policy(), none);

  const before = await revision();
  const { Statement, $metadata } = await lambda.send(new AddPermissionCommand({ ...input, RevisionId: before }));
  t.equal($metadata.httpStatusCode, 201);
  const statement = {
    Sid: 'events',
    Effect: 'Allow',
    Principal: { Service: 'events.amazonaws.com' },
    Action: 'lambda:InvokeFunction',
    Resource: arn,
    Condition: { ArnLike: { 'AWS:SourceArn': rule } },
  };
  t.same(JSON.parse(String(Statement)), statement);
  t.not(await revision(), before, 'a permission is a new revision of the function');
  const { Policy, RevisionId } = await policy();
  t.same(JSON.parse(String(Policy)), { Version: '2012-10-17', Id: 'default', Statement: [statement] });
  t.equal(RevisionId, await revision());

  const mismatch = {
    name: 'PreconditionFailedException',
    message:
      'The Revision Id provided does not match the latest Revision Id. Call the GetPolicy API to retrieve the latest Revision Id',
    $metadata: { httpStatusCode: 412 },
  };
  await t.rejects(lambda.send(new AddPermissionCommand({ ...input, RevisionId: before })), mismatch);
  await t.rejects(remove('events', before), mismatch);
  await t.rejects(lambda.send(new AddPermissionCommand(input)), {
    name: 'ResourceConflictException',
    message:
      'The statement id (events) provided already exists. Please provide a new statement id, or remove the existing statement.',
    $metadata: { httpStatusCode: 409 },
  });
  await t.rejects(remove('other'), {
    name: 'ResourceNotFoundException',
    message: 'Statement other is not found in resource policy.',
  });
  t.match(await remove('events', RevisionId), { $metadata: { httpStatusCode: 204 } });
  t.not(await revision(), RevisionId);
  await t.rejects(policy(), none);
});

t.test('principals and conditions', async (t) => {
  const { sandbox } = await start(t);
  const { lambda } = clients(sandbox);
  addExecutionRole(sandbox, 'router');
  await createFunction(sandbox, 'router', pid);
  const cases: Array<[given: Partial<AddPermissionCommandInput>, principal: unknown, condition: unknown]> = [
    [{ Principal: '*' }, '*', undefined],
    [{ Principal: '444455556666' }, { AWS: 'arn:aws:iam::444455556666:root' }, undefined],
    [{ Principal: 'arn:aws:iam::444455556666:role/x' }, { AWS: 'arn:aws:iam::444455556666:role/x' }, undefined],
    [
      { Principal: 's3.amazonaws.com', SourceArn: 'arn:aws:s3:::mail', SourceAccount: '111122223333' },
      { Service: 's3.amazonaws.com' },
      { StringEquals: { 'AWS:SourceAccount': '111122223333' }, ArnLike: { 'AWS:SourceArn': 'arn:aws:s3:::mail' } },
    ],
  ];
  for (const [index, [given, Principal, Condition]] of cases.entries()) {
    const StatementId = `statement-${index}`;
    const { Statement } = await lambda.send(
      new AddPermissionCommand({ ...input, SourceArn: undefined, StatementId, ...given }),
    );
    const expected = { Sid: StatementId, Effect: 'Allow', Principal, Action: 'lambda:InvokeFunction', Resource: arn };
    t.same(JSON.parse(String(Statement)), Condition ? { ...expected, Condition } : expected);
  }
  const refused: Array<[given: Partial<AddPermissionCommandInput>, message: string]> = [
    [{ Principal: 'nobody' }, 'The provided principal was invalid. Please check the principal and try again.'],
    [{ PrincipalOrgID: 'o-1234567890' }, "The embedded AWS does not support AddPermission's PrincipalOrgID."],
  ];
  for (const [given, message] of refused) {
    const added = lambda.send(new AddPermissionCommand({ ...input, StatementId: 'refused', ...given }));
    await t.rejects(added, { name: 'InvalidParameterValueException', message });
  }
});
