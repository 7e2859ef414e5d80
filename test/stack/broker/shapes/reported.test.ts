/** Grants that are only reported, with a replacement to write by hand, and statements that are no broad grants. */
import t from 'tap';
import { bucketArn } from '../matrix.js';
import {
  allow,
  both,
  type Case,
  checkCases,
  deny,
  detours,
  document,
  keptActions,
  more,
  others,
  readInbound,
  wide,
} from './check.js';

const wildcard = "it can't be narrowed without changing what it grants elsewhere: edit it by hand, naming each bucket";
const notDetachable =
  'the only managed policies this tool detaches are AmazonS3FullAccess and AmazonS3ReadOnlyAccess: detach or edit it by hand';
const allBut = 'NotAction and NotResource are not rewritten automatically: edit it by hand';
const deniedElsewhere = (by: string) =>
  `grants more on ${bucketArn.slice(13)} than reading inbound/, but that is denied by ${by}: left as is`;

const here = `${bucketArn}, ${bucketArn}/*`;
const exceptHere = [here, ...detours].join(', ');

const cases: Case[] = [
  // Only reported.
  ...(
    [
      ['s3:*', 'arn:aws:s3:::*', 'arn:aws:s3:::<bucket>, arn:aws:s3:::<bucket>/*'],
      ['s3:*', 'arn:aws:s3', 'arn:aws:s3:::<bucket>, arn:aws:s3:::<bucket>/*'],
      ['s3:*', 'arn:aws:s3:::agentkeys-*', 'arn:aws:s3:::<bucket>, arn:aws:s3:::<bucket>/*'],
      ['s3:Get*', 'arn:aws:s3:::*/*', 'arn:aws:s3:::<bucket>/*'],
      ['s3:GetObject', 'arn:aws:s3:::agentkeys-mail-*/inbound/*', 'arn:aws:s3:::<bucket>/inbound/*'],
      ['s3:ListBucket', 'arn:aws:s3:::agentkeys-mail-????????3333', 'arn:aws:s3:::<bucket>'],
      ['s3:GetObject', 'arn:aws:s3:::${aws:PrincipalTag/bucket}/*', 'arn:aws:s3:::<bucket>/*'],
    ] as const
  ).map(
    ([action, resource, to]): Case => ({
      name: `a wildcard over several buckets: ${action} on ${resource}`,
      shape: wide(allow(action, [resource, `${bucketArn}/a`, others])),
      left: {
        wide: [
          `${more} ${wildcard}`,
          `~ statement 1: Allow ${action} on ${resource}, ${bucketArn}/a, ${others} -> Allow ${action} on ${to}, ${others}`,
        ],
      },
    }),
  ),
  {
    name: 'NotAction',
    onAws: true,
    shape: wide({ Sid: 'Most', Effect: 'Allow', NotAction: 'iam:*', Resource: '*' }),
    left: {
      wide: [
        `${more} ${allBut}`,
        `~ statement Most: Allow everything but iam:* on * -> Allow everything but iam:*, s3:CreateJob on everything but ${exceptHere}`,
      ],
    },
  },
  {
    name: 'NotAction on this bucket',
    shape: wide({ Effect: 'Allow', NotAction: 's3:Put*', Resource: both }),
    left: { wide: [`${more} ${allBut}`, `- statement 1: Allow everything but s3:Put* on ${here}`] },
  },
  {
    name: 'NotResource',
    shape: wide(readInbound, { Effect: 'Allow', Action: 's3:*', NotResource: others }),
    left: {
      wide: [
        `${more} ${allBut}`,
        `~ statement 2: Allow s3:* on everything but ${others} -> Allow ${keptActions} on everything but ${others}, ${exceptHere}`,
      ],
    },
  },
  {
    name: 'only one of two statements can be narrowed: the policy is left unchanged',
    shape: wide(allow('s3:*', both), allow('s3:ListBucket', 'arn:aws:s3:::*')),
    left: {
      wide: [
        `${more} ${wildcard}`,
        `- statement 1: Allow s3:* on ${here}`,
        '~ statement 2: Allow s3:ListBucket on arn:aws:s3:::* -> Allow s3:ListBucket on arn:aws:s3:::<bucket>, arn:aws:s3:::<bucket>/*',
      ],
    },
  },
  {
    name: 'actions that no list can express without batch jobs',
    shape: wide(allow(['s3:*t*', 'sqs:*'], '*')),
    left: {
      wide: [
        `${more} ${wildcard}`,
        '~ statement 1: Allow s3:*t*, sqs:* on * -> Allow s3:*t*, sqs:* on arn:aws:s3:::<bucket>, arn:aws:s3:::<bucket>/*',
      ],
    },
  },
  {
    name: 'customer-managed, writing only',
    shape: { managed: { writer: document([allow('s3:PutObject', `${bucketArn}/*`)]) } },
    left: { writer: [`${more} ${notDetachable}`, `- statement 1: Allow s3:PutObject on ${bucketArn}/*`] },
  },
  {
    name: 'customer-managed',
    onAws: true,
    shape: {
      managed: {
        reader: document([allow('sqs:*', '*'), allow('s3:Get*', '*'), allow('s3:List*', both, { Sid: 'Lists' })]),
      },
    },
    left: {
      reader: [
        `${more} ${notDetachable}`,
        `~ statement 2: Allow s3:Get* on * -> Allow s3:Get* on everything but ${exceptHere}`,
        `- statement Lists: Allow s3:List* on ${here}`,
      ],
    },
  },
  {
    name: "customer-managed, with the names of this tool's own policies",
    shape: {
      managed: {
        'agentkeys-ses-routing-broker': document([allow('s3:Get*', '*')]),
        'agentkeys-ses-routing-broker-retained': document([allow('sqs:*', '*')]),
      },
    },
    left: {
      'agentkeys-ses-routing-broker': [
        `${more} ${notDetachable}`,
        `~ statement 1: Allow s3:Get* on * -> Allow s3:Get* on everything but ${exceptHere}`,
      ],
    },
  },
  // No broad grants.
  {
    name: 'nothing beyond inbound/, also by a wildcard',
    shape: wide(
      allow('s3:GetObject', 'arn:aws:s3:::agentkeys-mail-????????????/inbound/*'),
      allow(['s3:ListAllMyBuckets', 's3:ListAccessPoints'], '*'),
    ),
  },
  {
    name: 'every bucket except those with a name like this one',
    shape: wide({ Effect: 'Allow', Action: 's3:*', NotResource: 'arn:aws:s3:::agentkeys-mail-1*' }),
  },
  {
    name: 'a permissions boundary without it',
    onAws: true,
    shape: {
      ...wide(allow('s3:*', '*', { Sid: 'All' })),
      boundary: document([readInbound, allow('s3:*', [others, `${others}/*`])]),
    },
    left: { wide: [deniedElsewhere('the-boundary'), '- statement All: Allow s3:* on *'] },
  },
  {
    name: 'a permissions boundary that denies it',
    shape: {
      attached: ['AmazonS3FullAccess'],
      boundary: document([allow('*', '*'), deny('s3:*', `${bucketArn}*`)]),
    },
    left: {
      AmazonS3FullAccess: [deniedElsewhere('the-boundary'), '- statement 1: Allow s3:*, s3-object-lambda:* on *'],
    },
  },
  {
    name: 'denied by another policy, and the rest by the boundary',
    onAws: true,
    shape: {
      inline: { wide: document([allow('s3:*', '*')]), never: document([deny('s3:*', `${bucketArn}/*`)]) },
      boundary: document([allow(['s3:GetObject*', 's3:PutObject*'], '*'), allow('s3:*', [others, `${others}/*`])]),
    },
    left: { wide: [deniedElsewhere('never, the-boundary'), '- statement 1: Allow s3:* on *'] },
  },
  {
    name: 'denied except for inbound/',
    onAws: true,
    shape: {
      inline: {
        wide: document([allow(['s3:GetObject', 's3:ListBucket'], '*')]),
        never: document([
          { Effect: 'Deny', Action: 's3:GetObject', NotResource: [`${bucketArn}/inbound/*`, `${others}/*`] },
          deny('s3:ListBucket', bucketArn, { Condition: { StringNotLike: { 's3:prefix': 'inbound/*' } } }),
        ]),
      },
    },
    left: { wide: [deniedElsewhere('never'), '- statement 1: Allow s3:GetObject, s3:ListBucket on *'] },
  },
];

checkCases(t, cases);
