/**
 * Lambda: lists of functions and of a function's versions, of which there is one here, and what a function's code is signed with:
 * nothing.
 */
import type { AccountState, FunctionState } from '../../account/state.js';
import type { Caller, Operation } from '../../operation.js';
import { type MarkerInput, markerPage } from '../pagination.js';
import { type FunctionInput, findFunction, functionAccess } from './common.js';
import { describeFunction, mayDecrypt } from './function-configuration.js';

/**
 * A function as lists have it: "a subset of the FunctionConfiguration fields".
 * https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctions.html
 */
function listed(state: AccountState, caller: Caller, fn: FunctionState) {
  const described = Object.entries(describeFunction(fn, mayDecrypt(state, caller, fn)));
  return Object.fromEntries(described.filter(([name]) => !/^(State|LastUpdateStatus)/.test(name)));
}

/** A page of functions; Lambda's lists name the next one by NextMarker. */
function pageOf(name: string, items: unknown[], input: MarkerInput) {
  const { [name]: page, Marker } = markerPage(name, items, { ...input, MaxItems: input.MaxItems ?? '50' });
  return { [name]: page, NextMarker: Marker };
}

const query = { Marker: 'Marker', MaxItems: 'MaxItems' };

const listFunctions: Operation<MarkerInput> = {
  service: 'lambda',
  name: 'ListFunctions',
  mutates: false,
  route: { method: 'GET', path: '/2015-03-31/functions', query },
  access: () => [{ action: 'lambda:ListFunctions', resource: '*' }],
  run({ input, state, caller }) {
    const all = [...state.lambda.functions.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    return pageOf(
      'Functions',
      all.map((fn) => listed(state, caller, fn)),
      input,
    );
  },
};

/** https://docs.aws.amazon.com/lambda/latest/api/API_ListVersionsByFunction.html */
const listVersionsByFunction: Operation<FunctionInput & MarkerInput> = {
  service: 'lambda',
  name: 'ListVersionsByFunction',
  mutates: false,
  route: { method: 'GET', path: '/2015-03-31/functions/{FunctionName}/versions', query },
  access: functionAccess('ListVersionsByFunction'),
  run({ input, state, caller }) {
    const fn = findFunction(state, input.FunctionName);
    const version = listed(state, caller, fn);
    return pageOf('Versions', [{ ...version, FunctionArn: `${fn.arn}:$LATEST` }], input);
  },
};

/** https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionCodeSigningConfig.html */
const getFunctionCodeSigningConfig: Operation<FunctionInput> = {
  service: 'lambda',
  name: 'GetFunctionCodeSigningConfig',
  mutates: false,
  route: { method: 'GET', path: '/2020-06-30/functions/{FunctionName}/code-signing-config' },
  access: functionAccess('GetFunctionCodeSigningConfig'),
  run: ({ input, state }) => ({ FunctionName: findFunction(state, input.FunctionName).name }),
};

export const listFunctionsOperations: Operation[] = [
  listFunctions,
  listVersionsByFunction,
  getFunctionCodeSigningConfig,
];
