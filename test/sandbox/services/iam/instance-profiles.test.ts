import {
  AddRoleToInstanceProfileCommand,
  CreateInstanceProfileCommand,
  DeleteInstanceProfileCommand,
  GetInstanceProfileCommand,
  ListInstanceProfilesForRoleCommand,
  RemoveRoleFromInstanceProfileCommand,
} from '@aws-sdk/client-iam';
import t from 'tap';
import { addRole, clients, policy, refusal, sessionOf, start } from '../../support.js';

const InstanceProfileName = 'broker-host';
const arn = 'arn:aws:iam::111122223333:instance-profile/broker-host';

t.test('an instance profile holds one role', async (t) => {
  const { sandbox, iam } = await start(t);
  for (const name of ['broker', 'other']) addRole(sandbox, name, policy());
  const make = () => iam.send(new CreateInstanceProfileCommand({ InstanceProfileName }));
  const add = (RoleName: string) =>
    refusal(iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName, RoleName })));
  const take = (RoleName: string) =>
    refusal(iam.send(new RemoveRoleFromInstanceProfileCommand({ InstanceProfileName, RoleName })));
  const remove = () => refusal(iam.send(new DeleteInstanceProfileCommand({ InstanceProfileName })));

  t.match(await make(), { InstanceProfile: { InstanceProfileName, Arn: arn, Path: '/', InstanceProfileId: /^AIPA/ } });
  t.equal(await refusal(make()), '409 EntityAlreadyExistsException: Instance Profile broker-host already exists.');
  t.equal(await add('broker'), 'fine');
  t.equal(
    await add('other'),
    '409 LimitExceededException: Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1',
  );
  t.equal(await add('nobody'), '404 NoSuchEntityException: The role with name nobody cannot be found.');

  const { InstanceProfile } = await iam.send(new GetInstanceProfileCommand({ InstanceProfileName }));
  t.match(InstanceProfile, { Arn: arn, Roles: [{ RoleName: 'broker', Arn: 'arn:aws:iam::111122223333:role/broker' }] });
  const profiles = async (RoleName: string) => {
    const found = await iam.send(new ListInstanceProfilesForRoleCommand({ RoleName }));
    return found.InstanceProfiles?.map(({ Arn }) => Arn) ?? [];
  };
  t.strictSame(await profiles('broker'), [arn]);
  t.strictSame(await profiles('other'), []);

  t.equal(
    await remove(),
    '409 DeleteConflictException: Cannot delete entity, must remove roles from instance profile first.',
  );
  t.equal(await take('other'), '404 NoSuchEntityException: Instance Profile broker-host does not hold the role other.');
  t.equal(await take('broker'), 'fine');
  t.equal(await remove(), 'fine');
  t.equal(await remove(), '404 NoSuchEntityException: Instance Profile broker-host cannot be found.');
});

t.test('adding a role needs iam:PassRole on it', async (t) => {
  const { sandbox, iam } = await start(t);
  addRole(sandbox, 'broker', policy());
  await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName }));
  const own = policy({ Effect: 'Allow', Action: 'iam:AddRoleToInstanceProfile', Resource: arn });
  const worker = clients(sandbox, sessionOf(sandbox, addRole(sandbox, 'worker', own)));
  t.match(
    await refusal(worker.iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName, RoleName: 'broker' }))),
    'is not authorized to perform: iam:PassRole on resource: arn:aws:iam::111122223333:role/broker because',
  );
});
