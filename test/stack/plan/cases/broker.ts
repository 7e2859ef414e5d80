import { stackNames } from '../../../../src/agentkeys/names.js';
import { policyText, type Statement } from '../../../../src/policy/document.js';
import { detachedTagKey, narrowedTagKey } from '../../../../src/stack/broker/remove-grant.js';
import type { BrokerRole } from '../../../../src/stack/broker/state.js';
import {
  account,
  brokerName,
  brokerStatements,
  bucket,
  bucketArn,
  type Deployed,
  inline,
  type PlanCase,
} from '../support.js';

const own = 'agentkeys-ses-routing-broker';
const text = (...Statement: Statement[]) => policyText({ Version: '2012-10-17', Statement });
const allow = (Action: string | string[], Resource: string | string[]): Statement => ({
  Effect: 'Allow',
  Action,
  Resource,
});

/** The broker's role with other policies, tags and saved policies. */
const role = (change: Partial<BrokerRole>) => (stack: Deployed) => ({
  broker: { role: { ...stack.broker.role, ...change } },
});

/** The Deny as the versions before wrote it. */
const deniedBefore: Statement = { Effect: 'Deny', Action: 's3:GetObject*', Resource: `${bucketArn}/bots/*/inbound/*` };

const limit: Statement = {
  Effect: 'Deny',
  Action: ['s3:ListBucket', 's3:ListBucketVersions', 's3:ListBucketMultipartUploads'],
  Resource: bucketArn,
  Condition: { StringNotLike: { 's3:prefix': 'inbound/*' } },
};

/** This tool's policy with the limit on listings. */
const limited = ({ broker }: Deployed) => {
  const [policy] = broker.role.policies;
  return inline(own, text(...(policy?.document.Statement ?? []), limit));
};

const upgrade = [
  `~ broker policy   ${brokerName}/${own}`,
  '    - statement: Deny s3:GetObject* on',
  `      ${bucketArn}/bots/*/inbound/*`,
  '    + statement: Deny s3:* on',
  `      ${bucketArn}/bots/*/inbound/*`,
  '    + statement: Deny s3:ListBucket, s3:ListBucketVersions on',
  `      ${bucketArn} when s3:prefix StringLike`,
  '      bots/*/inbound or bots/*/inbound/*',
];

const fullAccess = 'arn:aws:iam::aws:policy/AmazonS3FullAccess';
const savedArn = `arn:aws:iam::${account}:policy/agentkeys-ses-routing/saved-0123456789abcdef`;
const mail = text(
  allow('s3:GetObject', [`${bucketArn}/*`, 'arn:aws:s3:::other/*']),
  allow('s3:PutObject', `${bucketArn}/*`),
);

const narrowedBefore = ['    narrowed before, by an earlier version; teardown --broker restores what it', '    was'];
const lossOf = (policy: string) =>
  `remove all access to ${bucket} that ${policy} grants ${brokerName}, and that to access points, Access Grants and batch jobs, which could reach it`;

export const brokerCases: PlanCase[] = [
  {
    name: 'its policy without the deny',
    observed: role({ policies: [inline(own, text(...brokerStatements))] }),
    lines: [`~ broker policy   ${brokerName}/${own}`, ...upgrade.slice(3)],
    writes: ['iam:PutRolePolicy'],
  },
  {
    name: 'its policy as the versions before wrote it: the new Deny includes the old one, so nothing is lost',
    observed: role({ policies: [inline(own, text(...brokerStatements, deniedBefore))] }),
    lines: upgrade,
    writes: ['iam:PutRolePolicy'],
  },
  {
    name: 'its policy with another Deny',
    observed: role({ policies: [inline(own, text(...brokerStatements, { ...deniedBefore, Action: 's3:PutObject' }))] }),
    lines: [upgrade[0], '    - statement: Deny s3:PutObject on', ...upgrade.slice(2)] as string[],
    writes: ['iam:PutRolePolicy'],
    destroys: [`remove from ${brokerName}: Deny s3:PutObject on ${bucketArn}/bots/*/inbound/*`],
  },
  {
    name: '--remove-broad-grants limits the listings, which needs consent',
    settings: { removeBroadGrants: true },
    lines: [
      `~ broker policy   ${brokerName}/${own}`,
      '    + statement: Deny s3:ListBucket, s3:ListBucketVersions,',
      `      s3:ListBucketMultipartUploads on ${bucketArn}`,
      '      when s3:prefix StringNotLike inbound/*',
    ],
    writes: ['iam:PutRolePolicy'],
    destroys: [`deny ${brokerName} listing ${bucket}, except inbound/, whatever its policies allow`],
  },
  {
    name: 'once limited, the listings stay so',
    observed: (stack) => role({ policies: [limited(stack)] })(stack),
    lines: [],
    writes: [],
  },
  {
    name: 'what an earlier version kept of a detached policy: without what could reach the bucket',
    settings: { removeBroadGrants: true },
    observed: (stack) =>
      role({
        tags: { ...stack.broker.role.tags, [detachedTagKey(fullAccess, stackNames())]: fullAccess },
        policies: [
          limited(stack),
          inline(
            'agentkeys-ses-routing-broker-retained',
            text({
              Effect: 'Allow',
              Action: ['s3:*', 's3-object-lambda:*'],
              NotResource: [bucketArn, `${bucketArn}/*`],
            }),
          ),
        ],
      })(stack),
    lines: [
      `- broad grant     ${brokerName}/agentkeys-ses-routing-broker-retained`,
      ...narrowedBefore,
      '    - statement: Allow s3:*, s3-object-lambda:* on everything but',
      `      ${bucketArn},`,
      `      ${bucketArn}/*`,
      '    + statement: Allow s3:A*, s3:B*, s3:CreateB*, s3:CreateS*, s3:D*, s3:G*,',
      '      s3:I*, s3:L*, s3:O*, s3:P*, s3:R*, s3:S*, s3:T*, s3:U* on everything but',
      `      ${bucketArn},`,
      `      ${bucketArn}/*, arn:aws:s3:*:*:accesspoint/*,`,
      '      arn:aws:s3:*:*:job/*, arn:aws:s3:*:*:access-grants/*,',
      '      arn:aws:s3-object-lambda:*:*:accesspoint/*',
    ],
    writes: ['iam:PutRolePolicy'],
    destroys: [lossOf('agentkeys-ses-routing-broker-retained')],
  },
  {
    name: 'what an earlier version left of a narrowed policy: writing goes too, and the saved text stays',
    settings: { removeBroadGrants: true },
    observed: (stack) =>
      role({
        tags: { ...stack.broker.role.tags, [narrowedTagKey('mail', stackNames())]: savedArn },
        saved: [{ arn: savedArn, name: 'mail', text: mail }],
        policies: [
          limited(stack),
          inline('mail', text(allow('s3:GetObject', 'arn:aws:s3:::other/*'), allow('s3:PutObject', `${bucketArn}/*`))),
        ],
      })(stack),
    lines: [
      `- broad grant     ${brokerName}/mail`,
      ...narrowedBefore,
      '    - statement: Allow s3:PutObject on',
      `      ${bucketArn}/*`,
    ],
    writes: ['iam:PutRolePolicy'],
    destroys: [lossOf('mail')],
  },
];
