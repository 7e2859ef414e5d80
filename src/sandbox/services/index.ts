/**
 * Every operation that the embedded AWS has: the services' tables, joined.
 */
import type { Operation } from '../operation.js';
import { cloudwatchOperations } from './cloudwatch.js';
import { eventsOperations } from './events.js';
import { iamOperations } from './iam/index.js';
import { lambdaOperations } from './lambda/index.js';
import { logsOperations } from './logs/index.js';
import { s3Operations } from './s3/index.js';
import { sesOperations } from './ses.js';
import { stsOperations } from './sts.js';

export const operations: Operation[] = [
  ...stsOperations,
  ...iamOperations,
  ...s3Operations,
  ...lambdaOperations,
  ...eventsOperations,
  ...logsOperations,
  ...sesOperations,
  ...cloudwatchOperations,
];
