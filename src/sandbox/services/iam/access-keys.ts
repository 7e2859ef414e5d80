import { createAccessKey as newAccessKey } from '../../access/callers.js';
import type { Operation } from '../../operation.js';
import { requireEntity } from './common.js';
import { accessKeysOf, type UserInput, userAccess, userNamed } from './users.js';

const createAccessKey: Operation<UserInput> = {
  service: 'iam',
  name: 'CreateAccessKey',
  mutates: true,
  access: userAccess('iam:CreateAccessKey'),
  run({ state, input }) {
    const { name: UserName } = userNamed(state, input.UserName);
    const { id: AccessKeyId, secret: SecretAccessKey } = newAccessKey(state, UserName);
    const CreateDate = new Date(state.now());
    return { AccessKey: { UserName, AccessKeyId, Status: 'Active', SecretAccessKey, CreateDate } };
  },
};

const deleteAccessKey: Operation<UserInput & { AccessKeyId: string }> = {
  service: 'iam',
  name: 'DeleteAccessKey',
  mutates: true,
  access: userAccess('iam:DeleteAccessKey'),
  run({ state, input }) {
    const { name } = userNamed(state, input.UserName);
    const key = accessKeysOf(state, name).find(({ id }) => id === input.AccessKeyId);
    const { id } = requireEntity(key, `The Access Key with id ${input.AccessKeyId} cannot be found.`);
    state.iam.accessKeys.delete(id);
  },
};

export const accessKeyOperations: Operation[] = [createAccessKey, deleteAccessKey];
