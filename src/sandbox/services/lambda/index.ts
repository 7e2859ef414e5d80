/** The operations of Lambda that the embedded AWS has. */
import type { Operation } from '../../operation.js';
import { functionOperations } from './functions.js';
import { invocationOperations } from './invocation.js';
import { permissionOperations } from './permissions.js';
import { settingOperations } from './settings.js';

export const lambdaOperations: Operation[] = [
  ...functionOperations,
  ...permissionOperations,
  ...settingOperations,
  ...invocationOperations,
];
