/**
 * CloudWatch Logs: how long a log group keeps its events.
 */
import type { Operation } from '../../operation.js';
import { findGroup, type GroupInput, groupAccess, logsRefusal } from './log-groups.js';

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html */
const retentions = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

const putRetentionPolicy: Operation<GroupInput & { retentionInDays: number }> = {
  service: 'logs',
  name: 'PutRetentionPolicy',
  mutates: true,
  access: groupAccess('PutRetentionPolicy'),
  run({ input, state }) {
    const { retentionInDays } = input;
    if (!retentions.includes(retentionInDays)) {
      const message = `1 validation error detected: Value '${retentionInDays}' at 'retentionInDays' failed to satisfy constraint: Member must satisfy enum value set: [${retentions.join(', ')}]`;
      throw logsRefusal('InvalidParameterException', message);
    }
    findGroup(state, input.logGroupName).retentionDays = retentionInDays;
  },
};

const deleteRetentionPolicy: Operation<GroupInput> = {
  service: 'logs',
  name: 'DeleteRetentionPolicy',
  mutates: true,
  access: groupAccess('DeleteRetentionPolicy'),
  run({ input, state }) {
    findGroup(state, input.logGroupName).retentionDays = undefined;
  },
};

export const retentionPolicyOperations: Operation[] = [putRetentionPolicy, deleteRetentionPolicy];
