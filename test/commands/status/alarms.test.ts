/** `status`: the alarms, as text and as JSON. */
import { CloudWatchClient, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import t from 'tap';
import { alarmLines, alarmsOf } from '../../../src/commands/status/alarms.js';
import { startDeployed } from '../../support/operator.js';

const topic = 'arn:aws:sns:us-east-1:444455556666:operators';
const FunctionName = 'agentkeys-ses-routing';
const flags = ['--alarm-topic', topic];

/** The lines under the heading. */
function section(stdout: string): string[] {
  const lines = stdout.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>').split('\n');
  const at = lines.indexOf('Alarms') + 1;
  return lines.slice(at, lines.indexOf('', at));
}

t.test('the alarms of a stack', async (t) => {
  const { run, aws, sandbox } = await startDeployed(t, { args: ['deploy', ...flags] });
  const client = aws.client(CloudWatchClient);
  await client.send(
    new SetAlarmStateCommand({ AlarmName: `${FunctionName}-errors`, StateValue: 'ALARM', StateReason: 'It failed.' }),
  );
  const shown = await run(['status', ...flags, '--no-mail']);
  t.equal(shown.status, 0, shown.stderr);
  t.strictSame(section(shown.stdout), [
    `  told                   ${topic}`,
    '  errors                 ALARM since <time>: It failed.',
    '  retries-failing        INSUFFICIENT_DATA since <time>',
    '  retries-waiting        INSUFFICIENT_DATA since <time>',
    '  throttles              INSUFFICIENT_DATA since <time>',
    '  undelivered            INSUFFICIENT_DATA since <time>',
  ]);
  t.strictSame(section((await run(['status', '--no-mail'])).stdout), section(shown.stdout), 'without the flag, too');
  const { alarms } = JSON.parse((await run(['status', '--no-mail', '--json'])).stdout);
  t.match(alarms, { length: 5 });
  t.match(alarms[0], {
    name: `${FunctionName}-errors`,
    state: 'ALARM',
    since: /Z$/,
    reason: 'It failed.',
    tells: [topic],
  });
  t.notOk('reason' in alarms[1]);

  const release = sandbox.intercept(({ operation }) =>
    operation === 'DescribeAlarms' ? { kind: 'refuse', code: 'AccessDenied', message: 'no', status: 403 } : undefined,
  );
  for (const args of [[], flags]) {
    const denied = await run(['status', '--no-mail', ...args]);
    t.equal(denied.status, 0, denied.stderr);
    t.match(section(denied.stdout)[0], '  alarms                 unknown: AWS denied access: no.');
  }
  t.match(JSON.parse((await run(['status', '--no-mail', '--json'])).stdout).alarms, { unknown: /^AWS denied access/ });
  release();

  // There are alarms, but they tell nobody.
  for (const { settings } of sandbox.state.cloudwatch.alarms.values()) settings.ActionsEnabled = false;
  const nobody = '  told                   nobody is told when mail is late: deploy with';
  t.equal(section((await run(['status', '--no-mail'])).stdout)[0], nobody);
});

t.test('a stack without alarms', async (t) => {
  const { run } = await startDeployed(t);
  t.strictSame(section((await run(['status', '--no-mail'])).stdout), [
    '  told                   nobody is told when mail is late: deploy with',
    '                         --alarm-topic',
  ]);
  t.strictSame(JSON.parse((await run(['status', '--no-mail', '--json'])).stdout).alarms, []);
});

t.test('a state that CloudWatch does not give, or that is new', async (t) => {
  const found = { 'f-errors': { alarm: {}, tags: {} }, 'f-x': { alarm: { StateValue: 'NEW' as 'OK' }, tags: {} } };
  t.strictSame(alarmLines(alarmsOf({ alarms: { found } }), 'f').slice(1), [
    ['errors', 'unknown'],
    ['x', 'unknown'],
  ]);
});
