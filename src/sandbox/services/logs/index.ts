/** The operations of CloudWatch Logs that the embedded AWS has. */
import type { Operation } from '../../operation.js';
import { groupOperations } from './groups.js';
import { streamOperations } from './streams.js';

export const logsOperations: Operation[] = [...groupOperations, ...streamOperations];
