/** Grants that are only reported, with what to write instead, and what is no broad grant at all. */
import t from 'tap';
import { bucketArn } from '../matrix.js';
import { allow, both, type Case, check, deny, document, others, readInbound, reads, wide } from './check.js';

const wildcard =
  'it can not be narrowed without touching what it grants elsewhere: rewrite it by hand, bucket by bucket';
const notOurs = 'a managed policy like this is yours to change: detach it, or rewrite it by hand';
const allBut = 'all but something is not rewritten, only its author knows what was meant: rewrite it by hand';
const heldBack = (by: string) =>
  `would read more of ${bucketArn.slice(13)} than inbound/, but is held back by ${by}: left as it is`;

const butHere = `${bucketArn}, ${bucketArn}/*`;

const cases: Case[] = [
  // Only reported.
  ...(
    [
      ['s3:*', 'arn:aws:s3:::*', 'arn:aws:s3:::<bucket>, arn:aws:s3:::<bucket>/*'],
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
          `${reads} ${wildcard}`,
          `~ statement 1: Allow ${action} on ${resource}, ${bucketArn}/a, ${others} -> Allow ${action} on ${to}, ${others}`,
        ],
      },
    }),
  ),
  {
    name: 'NotAction',
    shape: wide({ Sid: 'Most', Effect: 'Allow', NotAction: 'iam:*', Resource: '*' }),
    left: {
      wide: [
        `${reads} ${allBut}`,
        `~ statement Most: Allow everything but iam:* on * -> Allow everything but iam:* on everything but ${butHere}`,
      ],
    },
  },
  {
    name: 'NotAction on this bucket',
    shape: wide({ Effect: 'Allow', NotAction: 's3:Put*', Resource: both }),
    left: { wide: [`${reads} ${allBut}`, `- statement 1: Allow everything but s3:Put* on ${butHere}`] },
  },
  {
    name: 'NotResource',
    shape: wide(readInbound, { Effect: 'Allow', Action: 's3:*', NotResource: others }),
    left: {
      wide: [
        `${reads} ${allBut}`,
        `~ statement 2: Allow s3:* on everything but ${others} -> Allow s3:* on everything but ${others}, ${butHere}`,
      ],
    },
  },
  {
    name: 'one of two statements can be narrowed: the policy is left whole',
    shape: wide(allow('s3:*', both), allow('s3:ListBucket', 'arn:aws:s3:::*')),
    left: {
      wide: [
        `${reads} ${wildcard}`,
        `- statement 1: Allow s3:* on ${butHere}`,
        '~ statement 2: Allow s3:ListBucket on arn:aws:s3:::* -> Allow s3:ListBucket on arn:aws:s3:::<bucket>, arn:aws:s3:::<bucket>/*',
      ],
    },
  },
  {
    name: 'customer-managed',
    shape: {
      managed: {
        reader: document([allow('sqs:*', '*'), allow('s3:Get*', '*'), allow('s3:List*', both, { Sid: 'Lists' })]),
      },
    },
    left: {
      reader: [
        `${reads} ${notOurs}`,
        `~ statement 2: Allow s3:Get* on * -> Allow s3:Get* on everything but ${butHere}`,
        `- statement Lists: Allow s3:List* on ${butHere}`,
      ],
    },
  },
  {
    name: 'customer-managed, of the name of our own',
    shape: {
      managed: {
        'agentkeys-ses-routing-broker': document([allow('s3:Get*', '*')]),
        'agentkeys-ses-routing-broker-retained': document([allow('sqs:*', '*')]),
      },
    },
    left: {
      'agentkeys-ses-routing-broker': [
        `${reads} ${notOurs}`,
        `~ statement 1: Allow s3:Get* on * -> Allow s3:Get* on everything but ${butHere}`,
      ],
    },
  },
  // No broad grants.
  {
    name: 'nothing beyond inbound/, also by a wildcard',
    shape: wide(
      allow('s3:GetObject', 'arn:aws:s3:::agentkeys-mail-????????????/inbound/*'),
      allow('s3:PutObject', '*'),
    ),
  },
  {
    name: 'every bucket of a name like it but this',
    shape: wide({ Effect: 'Allow', Action: 's3:*', NotResource: 'arn:aws:s3:::agentkeys-mail-1*' }),
  },
  {
    name: 'a permissions boundary without it',
    shape: {
      ...wide(allow('s3:*', '*', { Sid: 'All' })),
      boundary: document([readInbound, allow('s3:*', [others, `${others}/*`])]),
    },
    left: { wide: [heldBack('the-boundary'), '- statement All: Allow s3:* on *'] },
  },
  {
    name: 'a permissions boundary that denies it',
    shape: {
      attached: ['AmazonS3FullAccess'],
      boundary: document([allow('*', '*'), deny('s3:Get*', `${bucketArn}*`), deny('s3:List*', bucketArn)]),
    },
    left: { AmazonS3FullAccess: [heldBack('the-boundary'), '- statement 1: Allow s3:*, s3-object-lambda:* on *'] },
  },
  {
    name: 'denied in another policy, and by the boundary what is left',
    shape: {
      inline: { wide: document([allow('s3:*', '*')]), never: document([deny('s3:Get*', [`${bucketArn}/*`])]) },
      boundary: document([allow('s3:Get*', '*'), allow('s3:*', [others, `${others}/*`])]),
    },
    left: { wide: [heldBack('never, the-boundary'), '- statement 1: Allow s3:* on *'] },
  },
  {
    name: 'denied but for inbound/',
    shape: {
      inline: {
        wide: document([allow(['s3:GetObject', 's3:ListBucket'], '*')]),
        never: document([
          { Effect: 'Deny', Action: 's3:GetObject', NotResource: [`${bucketArn}/inbound/*`, `${others}/*`] },
          deny('s3:ListBucket', bucketArn, { Condition: { StringNotLike: { 's3:prefix': 'inbound/*' } } }),
        ]),
      },
    },
    left: { wide: [heldBack('never'), '- statement 1: Allow s3:GetObject, s3:ListBucket on *'] },
  },
];

for (const each of cases) t.test(each.name, (t) => check(t, each));
