/**
 * Lambda: the account's limits and usage.
 */
import type { Operation } from '../../operation.js';
import { reservedBy } from './concurrency.js';

/** https://docs.aws.amazon.com/lambda/latest/api/API_AccountLimit.html */
const getAccountSettings: Operation<object> = {
  service: 'lambda',
  name: 'GetAccountSettings',
  mutates: false,
  route: { method: 'GET', path: '/2016-08-19/account-settings' },
  access: () => [{ action: 'lambda:GetAccountSettings', resource: '*' }],
  run({ state }) {
    const functions = [...state.lambda.functions.values()];
    return {
      AccountLimit: {
        TotalCodeSize: 80_530_636_800,
        CodeSizeUnzipped: 262_144_000,
        CodeSizeZipped: 52_428_800,
        ConcurrentExecutions: state.lambda.concurrencyLimit,
        UnreservedConcurrentExecutions: state.lambda.concurrencyLimit - reservedBy(functions),
      },
      AccountUsage: {
        TotalCodeSize: functions.reduce((sum, { zip }) => sum + zip.length, 0),
        FunctionCount: functions.length,
      },
    };
  },
};

export const accountSettingsOperations: Operation[] = [getAccountSettings];
