import { CheckNoNewAccessCommand } from '@aws-sdk/client-accessanalyzer';
import type { Case } from '../account.js';
import { policy } from './documents.js';

const read = (Resource: string) => policy({ Effect: 'Allow', Action: 's3:GetObject', Resource });

export const accessAnalyzerCases: Case[] = [
  {
    title: 'more than before',
    send: ({ accessanalyzer }) =>
      accessanalyzer.send(
        new CheckNoNewAccessCommand({
          policyType: 'IDENTITY_POLICY',
          existingPolicyDocument: read('arn:aws:s3:::mail/inbound/*'),
          newPolicyDocument: read('arn:aws:s3:::mail/*'),
        }),
      ),
  },
];
