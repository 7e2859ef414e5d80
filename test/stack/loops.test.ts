/**
 * Deliveries come to an end, even if the rule was widened to every object in the bucket.
 */
import { PutRuleCommand } from '@aws-sdk/client-eventbridge';
import t from 'tap';
import { deliver, readMessages, routedKeys } from '../../src/commands/demo/mail.js';
import { startOperator } from '../support/operator.js';

const { messages, mailDomain } = await readMessages('fixtures/messages');

t.test('with a rule for the whole bucket, each copy causes one event, and nothing more', async (t) => {
  const { run, aws, bucket, sandbox } = await startOperator(t);
  const { status, stderr } = await run(['deploy', '--mail-domain', mailDomain]);
  t.equal(status, 0, stderr);
  const pattern = { source: ['aws.s3'], 'detail-type': ['Object Created'], detail: { bucket: { name: [bucket] } } };
  await aws.events.send(
    new PutRuleCommand({ Name: 'agentkeys-ses-routing-inbound', EventPattern: JSON.stringify(pattern) }),
  );
  const touched: string[] = [];
  const release = sandbox.intercept(({ service, operation, input }) => {
    if (service === 's3' && operation !== 'PutObject') touched.push(`${operation} ${Object(input).Key}`);
    return undefined;
  });
  await deliver(aws, bucket, messages);
  await sandbox.settled();
  release();

  const copies = messages.flatMap(routedKeys);
  t.ok(copies.length > 5);
  t.strictSame(
    sandbox.state.deliveries.map(({ key, outcome, attempts }) => `${key}: ${outcome}, ${attempts}`).sort(),
    [...messages.map(({ key }) => key), ...copies].map((key) => `${key}: invoked, 1`).sort(),
    'one event an object, whether SES or the function wrote it',
  );
  // SES's set-up notification is recognized by its key.
  const read = messages.filter(({ file }) => file !== 'setup-notice.eml').map(({ key }) => `GetObject ${key}`);
  const copied = copies.map((key) => `CopyObject ${key}`);
  t.strictSame([...new Set(touched)].sort(), [...read, ...copied].sort(), 'no call for what the function wrote');
  t.equal(touched.filter((call) => call.startsWith('CopyObject')).length, copies.length);
});
