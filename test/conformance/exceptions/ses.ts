/** Where moto's SES differs from AWS's. */
import type { Exception } from './index.js';

export const sesExceptions: Exception[] = [
  {
    in: ['ses:CreateReceiptRule, a bucket that SES may not write to'],
    path: 'answer',
    moto: '200',
    here: '400 InvalidS3ConfigurationException',
    aws: 'InvalidS3Configuration: the provided Amazon S3 bucket … is invalid, or SES could not publish to the bucket, possibly due to permissions issues',
    page: 'https://docs.aws.amazon.com/ses/latest/APIReference/API_CreateReceiptRule.html',
  },
];
