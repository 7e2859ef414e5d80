/**
 * STS: GetCallerIdentity.
 */
import type { Operation } from '../../operation.js';

const getCallerIdentity: Operation<object> = {
  service: 'sts',
  name: 'GetCallerIdentity',
  mutates: false,
  // "No permissions are required to perform this operation", not even with an explicit deny.
  access: () => [],
  run: ({ state, caller }) => ({ UserId: caller.userId, Account: state.account, Arn: caller.principal.arn }),
};

export const getCallerIdentityOperations: Operation[] = [getCallerIdentity];
