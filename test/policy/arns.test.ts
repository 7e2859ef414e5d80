import t from 'tap';
import { completeArn, partitionOf } from '../../src/policy/arns.js';

const cases: Array<[what: string, pattern: string, complete: string]> = [
  ['AWS’s own example', 'arn:aws:sqs', 'arn:aws:sqs:*:*:*'],
  ['no service', 'arn:aws', 'arn:aws:*:*:*:*'],
  ['a region', 'arn:aws:sqs:us-east-1', 'arn:aws:sqs:us-east-1:*:*'],
  ['an account', 'arn:aws:sqs:us-east-1:111122223333', 'arn:aws:sqs:us-east-1:111122223333:*'],
  ['an empty region is no wildcard', 'arn:aws:s3:', 'arn:aws:s3::*:*'],
  ['an empty region and account', 'arn:aws:s3::', 'arn:aws:s3:::*'],
  ['an empty resource', 'arn:aws:s3:::', 'arn:aws:s3:::'],
  ['a bucket', 'arn:aws:s3:::b', 'arn:aws:s3:::b'],
  ['a resource with colons', 'arn:aws:logs:us-east-1:1:log-group:a:*', 'arn:aws:logs:us-east-1:1:log-group:a:*'],
  ['a wildcard in the last field', 'arn:aws:s3:*', 'arn:aws:s3:*'],
  ['a wildcard in another field', 'arn:aws:*:us-east-1', 'arn:aws:*:us-east-1:*:*'],
  ['colons in a variable', 'arn:aws:s3::${aws:PrincipalTag/a:b}', 'arn:aws:s3::${aws:PrincipalTag/a:b}:*'],
  ['every resource', '*', '*'],
];

for (const [what, pattern, complete] of cases) {
  t.test(what, async (t) => {
    t.equal(completeArn(pattern), complete);
  });
}

t.test('the partition of a region', async (t) => {
  for (const [region, partition] of [
    ['us-east-1', 'aws'],
    ['cn-north-1', 'aws-cn'],
    ['us-gov-west-1', 'aws-us-gov'],
  ])
    t.equal(partitionOf(String(region)), partition);
});
