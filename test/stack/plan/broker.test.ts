import t from 'tap';
import { policyText } from '../../../src/policy/document.js';
import { brokerName, brokerStatements, bucketArn, checkPlans, inline } from './support.js';

checkPlans(t, [
  {
    name: 'its policy without the deny',
    observed: ({ broker: { role } }) => ({
      broker: {
        role: {
          ...role,
          policies: [
            inline('agentkeys-ses-routing-broker', policyText({ Version: '2012-10-17', Statement: brokerStatements })),
          ],
        },
      },
    }),
    lines: [
      `~ broker policy   ${brokerName}/agentkeys-ses-routing-broker`,
      '    + statement: Deny s3:GetObject* on',
      `      ${bucketArn}/bots/*/inbound/*`,
    ],
    writes: ['iam:PutRolePolicy'],
  },
]);
