import {
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreateUserCommand,
  DeleteAccessKeyCommand,
  DeleteUserCommand,
  DeleteUserPolicyCommand,
  DetachUserPolicyCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import t from 'tap';
import { addRole, clients, policy, refusal, sessionOf, start } from '../../support.js';

const UserName = 'ann';
const arn = 'arn:aws:iam::111122223333:user/ann';

t.test('a user, its access keys, and its end', async (t) => {
  const { sandbox, iam } = await start(t);
  const make = () => iam.send(new CreateUserCommand({ UserName, Tags: [{ Key: 'team', Value: 'mail' }] }));
  const { User } = await make();
  t.match(User, { UserName, Arn: arn, Path: '/', UserId: /^AIDA/, Tags: [{ Key: 'team', Value: 'mail' }] });
  t.equal(await refusal(make()), '409 EntityAlreadyExistsException: User with name ann already exists.');

  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
  t.match(AccessKey, { UserName, Status: 'Active', AccessKeyId: /^AKIA[A-Z2-7]{16}$/ });
  const accessKeyId = String(AccessKey?.AccessKeyId);
  const ann = clients(sandbox, { accessKeyId, secretAccessKey: String(AccessKey?.SecretAccessKey) });
  const whoAmI = () => ann.sts.send(new GetCallerIdentityCommand({}));
  t.match(await whoAmI(), { Arn: arn, UserId: User?.UserId });

  const PolicyArn = 'arn:aws:iam::aws:policy/AmazonS3FullAccess';
  const PolicyDocument = policy({ Effect: 'Allow', Action: 's3:*', Resource: '*' });
  await iam.send(new AttachUserPolicyCommand({ UserName, PolicyArn }));
  await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'p', PolicyDocument }));
  const remove = () => refusal(iam.send(new DeleteUserCommand({ UserName })));
  const conflict = (what: string) => `409 DeleteConflictException: Cannot delete entity, must ${what} first.`;
  const removeKey = () => refusal(iam.send(new DeleteAccessKeyCommand({ UserName, AccessKeyId: accessKeyId })));
  t.equal(await remove(), conflict('delete access keys'));
  t.equal(await removeKey(), 'fine');
  t.equal(await removeKey(), `404 NoSuchEntityException: The Access Key with id ${accessKeyId} cannot be found.`);
  t.equal(await refusal(whoAmI()), '403 InvalidClientTokenId: The security token included in the request is invalid.');
  t.equal(await remove(), conflict('detach all policies'));
  await iam.send(new DetachUserPolicyCommand({ UserName, PolicyArn }));
  t.equal(await remove(), conflict('delete policies'));
  await iam.send(new DeleteUserPolicyCommand({ UserName, PolicyName: 'p' }));
  t.equal(await remove(), 'fine');
  t.equal(await remove(), '404 NoSuchEntityException: The user with name ann cannot be found.');
});

t.test('tags at birth need iam:TagUser', async (t) => {
  const { sandbox } = await start(t);
  const own = policy({ Effect: 'Allow', Action: 'iam:CreateUser', Resource: arn });
  const { iam } = clients(sandbox, sessionOf(sandbox, addRole(sandbox, 'worker', own)));
  const make = (Tags: { Key: string; Value: string }[]) => refusal(iam.send(new CreateUserCommand({ UserName, Tags })));
  t.match(await make([{ Key: 'a', Value: '1' }]), `is not authorized to perform: iam:TagUser on resource: ${arn}`);
  t.equal(await make([]), 'fine');
});
