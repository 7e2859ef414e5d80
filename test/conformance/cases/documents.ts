/** Policy documents that the cases hand over. */

/** A policy's text. */
export function policy(...Statement: object[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement });
}

/** A trust policy. */
export function trust(service: string): string {
  return policy({ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' });
}

export const readAnything = policy({ Effect: 'Allow', Action: ['s3:GetObject'], Resource: '*' });
