/** The end of a deploy's output: whether earlier mail may have to be routed, and the command for it. */
import { DisableRuleCommand } from '@aws-sdk/client-eventbridge';
import { DeleteRolePolicyCommand } from '@aws-sdk/client-iam';
import { PutBucketNotificationConfigurationCommand } from '@aws-sdk/client-s3';
import t from 'tap';
import { type Operator, startDeployed } from '../../support/operator.js';

const backfill =
  'npx --no agentkeys-ses-routing backfill --region us-east-1 --account 111122223333 --endpoint-url <it>';
const repaired = ['Done. Earlier mail that was not routed is still in inbound/. Route it with:', `  ${backfill}`];

interface Ending {
  name: string;
  /** The change of the account before the deploy. */
  change?(operator: Operator): unknown;
  args?: string[];
  says: string[];
  /** The command in the document of `--json`; undefined for none. */
  next: RegExp | undefined;
}

const eventsOff = ({ aws, bucket }: Operator) =>
  aws.s3.send(new PutBucketNotificationConfigurationCommand({ Bucket: bucket, NotificationConfiguration: {} }));

/** Sets the rule's record of since when EventBridge is on. */
function onSince({ sandbox }: Operator, time: string): void {
  sandbox.state.events.rules.get('agentkeys-ses-routing-inbound')?.tags.set('eventbridge-on-since', time);
}

const endings: Ending[] = [
  {
    name: 'EventBridge is turned on again: all since it was turned on the last time may be missing',
    change: async (operator) => {
      onSince(operator, '2026-01-31T12:00:00.000Z');
      await eventsOff(operator);
    },
    says: [
      'Done. S3 starts to deliver events about five minutes after EventBridge is turned',
      'on. Mail that arrives before then stays in inbound/. Route it in ten minutes:',
      `  ${backfill} --since <then>`,
      'Without --since, this also routes all earlier mail.',
    ],
    next: /--since 2026-01-31T12:00:00Z$/,
  },
  {
    name: 'EventBridge is turned on again, and nobody knows since when it was on: all mail may be missing',
    change: async (operator) => {
      onSince(operator, 'not yet');
      await eventsOff(operator);
    },
    says: [
      'Done. S3 starts to deliver events about five minutes after EventBridge is turned',
      'on. Mail that arrives before then stays in inbound/. Route it in ten minutes:',
      `  ${backfill}`,
    ],
    next: /--endpoint-url \S+$/,
  },
  {
    name: 'the rule was off',
    change: ({ aws }) => aws.events.send(new DisableRuleCommand({ Name: 'agentkeys-ses-routing-inbound' })),
    says: repaired,
    next: /backfill --region us-east-1 --account 111122223333 --endpoint-url \S+$/,
  },
  {
    name: 'the role had no permissions',
    change: ({ aws }) =>
      aws.iam.send(
        new DeleteRolePolicyCommand({
          RoleName: 'agentkeys-ses-routing-role',
          PolicyName: 'agentkeys-ses-routing-role-inline',
        }),
      ),
    says: repaired,
    next: /backfill/,
  },
  { name: 'more is routed from now on', args: ['--prefix', 'or,xy'], says: repaired, next: /backfill/ },
  { name: 'only memory and tags', args: ['--memory', '512', '--tag', 'team=mail'], says: ['Done.'], next: undefined },
  {
    name: 'only a review and the log level',
    args: ['--tos-reviewed', 'openrouter=2026-01-31', '--log-level', 'error'],
    says: ['Done.'],
    next: undefined,
  },
  { name: 'only the broker', args: ['--remove-broad-grants', '-y'], says: ['Done.'], next: undefined },
];

for (const { name, change, args = [], says, next } of endings)
  t.test(name, async (t) => {
    const operator = await startDeployed(t);
    await change?.(operator);
    const { plan } = JSON.parse((await operator.run(['deploy', '--dry-run', '--json', ...args])).stdout);
    t.ok(plan.counts.update + plan.counts.create + plan.counts.delete > 0);
    const { stdout, stderr, status } = await operator.run(['deploy', '--json', ...args]);
    t.equal(status, 0, stderr);
    const lines = stderr.split('\n');
    const end = lines.slice(
      lines.findIndex((line) => line.startsWith('Done.')),
      -1,
    );
    t.strictSame(
      end.map((line) =>
        line
          .replace(/(--prefix \S+ )?--endpoint-url \S+/, '--endpoint-url <it>')
          .replace(/--since 20\S+/, '--since <then>'),
      ),
      says,
    );
    t.match(JSON.parse(stdout).next, next, 'and the same for a program');
  });
