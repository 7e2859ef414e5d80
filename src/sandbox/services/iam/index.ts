/**
 * The operations of IAM. https://docs.aws.amazon.com/IAM/latest/APIReference/API_Operations.html
 */
import type { Operation } from '../../operation.js';
import { identityPolicyOperations } from './identity-policies.js';
import { instanceProfileOperations } from './instance-profiles.js';
import { policyOperations } from './policies.js';
import { roleOperations } from './roles.js';
import { simulationOperations } from './simulation.js';
import { userOperations } from './users.js';

export const iamOperations: Operation[] = [
  ...roleOperations,
  ...identityPolicyOperations,
  ...policyOperations,
  ...instanceProfileOperations,
  ...userOperations,
  ...simulationOperations,
];
