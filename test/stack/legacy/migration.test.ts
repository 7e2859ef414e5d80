/**
 * From deploy.sh to this tool while mail keeps coming: every message is accounted for, by the path that routed it. The account's clock
 * is the test's own, and S3 takes its five minutes until it delivers to EventBridge.
 */
import { GetBucketNotificationConfigurationCommand } from '@aws-sdk/client-s3';
import t from 'tap';
import { firstDeployWrites } from '../../support/operator.js';
import { afterDeploySh, minutes, noteUnder, type RoutedBy, removalWrites, tally } from './account.js';

t.test('step by step', async (t) => {
  const { aws, bucket, clock, mail, pass, run, sandbox, underMail, routedBy } = await afterDeploySh(t);
  const counted: RoutedBy[] = [];
  const account = async () => {
    const found = await routedBy();
    counted.push(...found);
    return [...new Set(found)].sort();
  };
  await mail();
  t.strictSame(await account(), ['old'], 'deploy.sh left something that works');

  const began = clock.now();
  const first = await underMail(['deploy']);
  t.equal(first.status, 0, first.stderr);
  t.strictSame(first.writes.toSorted(), firstDeployWrites.toSorted(), 'the first deploy is as any other');
  t.equal(
    noteUnder(first.stdout, '! old router      agentkeys-ses-router'),
    'kept for now: it routes the mail until EventBridge does; deploy again ten minutes after this deploy',
  );
  t.strictSame(await account(), ['old']);

  const due = `${new Date(Math.ceil((began + minutes(10)) / 1000) * 1000).toISOString().slice(0, 19)}Z`;
  for (const [at, expected] of [
    [4, ['old']],
    [6, ['old, new']],
    [9.9, ['old, new']],
  ] as const) {
    await pass(began + minutes(at) - clock.now());
    const early = await underMail(['deploy', '--yes']);
    t.equal(early.status, 0, early.stderr);
    t.strictSame(early.writes, [], `after ${at} minutes nothing is written for it`);
    t.equal(
      noteUnder(early.stdout, '! old router      agentkeys-ses-router'),
      `kept for now: S3 takes about five minutes until it delivers to EventBridge; deploy again at ${due} or later`,
    );
    t.strictSame(await account(), expected);
  }

  await pass(began + minutes(10) - clock.now());
  const unattended = await run(['deploy']);
  t.equal(unattended.status, 1);
  t.strictSame(unattended.writes, []);
  const declined = await run(['deploy'], { answers: ['n', ''] });
  t.equal(declined.status, 1);
  t.strictSame(declined.writes, []);
  t.match(
    declined.stderr,
    [
      '  - delete the notification agentkeys-ses-router-inbound, which deploy.sh made',
      '  - delete the permission agentkeys-ses-router-s3-invoke, which deploy.sh made',
      '  - delete the function agentkeys-ses-router, which deploy.sh made',
      '  - delete the execution role agentkeys-ses-router-lambda-role, which deploy.sh made',
      'Apply these changes? [y/N] ',
    ].join('\n'),
  );

  const dry = await run(['deploy', '--dry-run', '--json']);
  const removal = await underMail(['deploy', '--yes', '--json']);
  t.equal(removal.status, 0, removal.stderr);
  t.strictSame(removal.writes, removalWrites);
  t.strictSame(JSON.parse(removal.stdout).plan, JSON.parse(dry.stdout).plan, 'the plan is the one that was shown');
  t.strictSame(await account(), ['new', 'old, new']);

  await mail();
  t.strictSame(await account(), ['new']);
  const { $metadata, ...notifications } = await aws.s3.send(
    new GetBucketNotificationConfigurationCommand({ Bucket: bucket }),
  );
  t.match(notifications, { EventBridgeConfiguration: {}, QueueConfigurations: [{ Id: 'reports-to-finance' }] });
  t.notOk(notifications.LambdaFunctionConfigurations);
  t.notOk(sandbox.state.lambda.functions.has('agentkeys-ses-router'));
  t.notOk(sandbox.state.iam.roles.has('agentkeys-ses-router-lambda-role'));

  const after = await underMail(['deploy']);
  t.equal(after.status, 0);
  t.strictSame(after.writes, []);
  t.notMatch(after.stdout, /agentkeys-ses-router/);
  t.strictSame(await account(), ['new']);
  t.comment(`${counted.length} messages: ${tally(counted)}`);
});
