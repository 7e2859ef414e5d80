/**
 * Lambda: reserved concurrency.
 */
import type { FunctionState } from '../../account/state.js';
import type { Operation } from '../../operation.js';
import { type FunctionInput, findFunction, functionAccess, invalidParameter } from './common.js';

interface PutFunctionConcurrencyInput extends FunctionInput {
  ReservedConcurrentExecutions: number;
}

export function reservedBy(functions: Iterable<FunctionState>): number {
  return [...functions].reduce((sum, { reservedConcurrency = 0 }) => sum + reservedConcurrency, 0);
}

const putFunctionConcurrency: Operation<PutFunctionConcurrencyInput> = {
  service: 'lambda',
  name: 'PutFunctionConcurrency',
  mutates: true,
  route: { method: 'PUT', path: '/2017-10-31/functions/{FunctionName}/concurrency' },
  access: functionAccess('PutFunctionConcurrency'),
  run({ input, state }) {
    const fn = findFunction(state, input.FunctionName);
    const { functions, concurrencyLimit } = state.lambda;
    const others = reservedBy([...functions.values()].filter((other) => other !== fn));
    // 100 must stay for the functions that reserve nothing; an account whose quota is smaller can reserve nothing at all.
    const minimum = Math.min(100, concurrencyLimit);
    if (concurrencyLimit - others - input.ReservedConcurrentExecutions < minimum) {
      throw invalidParameter(
        `Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [${minimum}].`,
      );
    }
    fn.reservedConcurrency = input.ReservedConcurrentExecutions;
    return { ReservedConcurrentExecutions: fn.reservedConcurrency };
  },
};

const getFunctionConcurrency: Operation<FunctionInput> = {
  service: 'lambda',
  name: 'GetFunctionConcurrency',
  mutates: false,
  route: { method: 'GET', path: '/2019-09-30/functions/{FunctionName}/concurrency' },
  access: functionAccess('GetFunctionConcurrency'),
  run: ({ input, state }) => ({
    ReservedConcurrentExecutions: findFunction(state, input.FunctionName).reservedConcurrency,
  }),
};

const deleteFunctionConcurrency: Operation<FunctionInput> = {
  service: 'lambda',
  name: 'DeleteFunctionConcurrency',
  mutates: true,
  route: { method: 'DELETE', path: '/2017-10-31/functions/{FunctionName}/concurrency', status: 204 },
  access: functionAccess('DeleteFunctionConcurrency'),
  run({ input, state }) {
    findFunction(state, input.FunctionName).reservedConcurrency = undefined;
  },
};

export const concurrencyOperations: Operation[] = [
  putFunctionConcurrency,
  getFunctionConcurrency,
  deleteFunctionConcurrency,
];
