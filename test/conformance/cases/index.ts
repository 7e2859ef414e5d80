import type { Case } from '../account.js';
import { accessAnalyzerCases } from './access-analyzer.js';
import { bucketCases } from './buckets.js';
import { alarmCases, cloudwatchCases } from './cloudwatch.js';
import { eventCases } from './events.js';
import { lambdaCases } from './lambda.js';
import { logCases } from './logs.js';
import { mailManagerCases } from './mail-manager.js';
import { objectCases } from './objects.js';
import { policyCases } from './policies.js';
import { roleCases } from './roles.js';
import { sesCases } from './ses.js';
import { sqsCases } from './sqs.js';
import { stsCases } from './sts.js';

/** Every comparison, in the order in which they are made: later ones build on what earlier ones made. */
export const cases: Case[] = [
  ...roleCases,
  ...policyCases,
  ...stsCases,
  ...eventCases,
  ...logCases,
  ...lambdaCases,
  ...sqsCases,
  ...bucketCases,
  ...objectCases,
  ...sesCases,
  ...cloudwatchCases,
  ...alarmCases,
  ...accessAnalyzerCases,
  ...mailManagerCases,
];
