/**
 * A whole sign-up on the embedded AWS with its policies enforced: the function's own zip, the real command line.
 */

import { join } from 'node:path';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import t from 'tap';
import { INBOUND_PREFIX, routedKey } from '../../../handler/mail/address.js';
import { agentToken, operatorNames } from '../../../src/commands/demo/operator-account.js';
import { assumeDataRole } from '../../../src/mailbox/role.js';
import { createSession } from '../../../src/sandbox/index.js';
import { linkIn, signup, soon, walletA, walletB } from '../../mailbox/support.js';
import { startOperator } from '../../support/operator.js';
import { addressedTo } from '../../support/signup-mail.js';

t.test("an agent signs up with an address and gets the link; others can't", async (t) => {
  const operator = await startOperator(t);
  const { sandbox, bucket, aws } = operator;
  const { account, endpoint, region, state } = sandbox;

  const deploy = await operator.run(['deploy', '--mail-domain', 'bots.litentry.org', '--remove-broad-grants', '--yes']);
  t.equal(deploy.status, 0, deploy.stderr);

  const folder = t.testdir({ A: agentToken(walletA, soon()), B: agentToken(walletB, soon()) });
  const roleArn = `arn:aws:iam::${account}:role/${operatorNames.dataRole}`;
  const as = (wallet: 'A' | 'B') => ['--token-file', join(folder, wallet), '--role-arn', roleArn];

  const address = await operator.run(['address', '--token-file', join(folder, 'A')]);
  t.equal(address.stderr, '');
  t.match(address.stdout, /^or-0x1{40}-\d{10}@bots\.litentry\.org\n$/);
  t.strictSame(address.calls, [], 'AWS is asked nothing');

  // SES delivers: its trace header has the address that was signed up with.
  const raw = addressedTo(address.stdout.trim(), (await signup('html-qp-soft-breaks')).toString('latin1'));
  const waiting = operator.run([
    'inbox',
    'wait',
    ...as('A'),
    '--from',
    'router.example.com',
    '--link',
    '/verify\\?',
    '--timeout',
    '60',
  ]);
  const id = 'rvb1mjqcpmo9sam2hfdnl93s0klf9hbh3mk5iog1';
  await aws.s3.send(
    new PutObjectCommand({ Bucket: bucket, Key: INBOUND_PREFIX + id, Body: Buffer.from(raw, 'latin1') }),
  );

  const found = await waiting;
  t.equal(found.status, 0, found.stderr);
  t.equal(found.stdout, `${await linkIn('html-qp-soft-breaks')}\n`);
  t.match(found.stderr, /Example Router <no-reply@router\.example\.com>: Verify your email\n/);

  const other = await operator.run(['inbox', 'wait', ...as('B'), '--link', 'verify', '--timeout', '1']);
  t.equal(other.status, 1);
  t.equal(other.stdout, '');
  t.match(
    other.stderr,
    /error: Timed out after 1 s: no matching message\. No message was found\./,
    "wallet B's folder is empty",
  );

  // Wallet B's session requests wallet A's mail.
  const credentials = await assumeDataRole({ roleArn, token: agentToken(walletB, soon()), sts: aws.sts })();
  const stranger = await operator.run(['inbox', 'wait', '--wallet', walletA, '--link', 'verify', '--timeout', '5'], {
    credentials,
  });
  t.equal(stranger.status, 1);
  t.equal(stranger.stdout, '');
  t.equal(
    stranger.stderr,
    `  Wait for mail to ${walletA}: failed\nerror: AWS does not let these credentials read bots/${walletA}/inbound/ in the bucket ${bucket}. A wallet's mail is read with a session of the data role whose tag agentkeys_user_wallet is that wallet, in lower case: compare it with the wallet in the token that the role was assumed with, and the bucket's policy with both.\n`,
  );

  const role = state.iam.roles.get(operatorNames.brokerRole);
  if (role === undefined) throw new Error('the account has a broker');
  const { id: accessKeyId, secret: secretAccessKey, sessionToken } = createSession(state, role, { session: 'i-0' });
  const broker = new S3Client({
    region,
    endpoint,
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey, sessionToken },
  });
  t.teardown(() => broker.destroy());
  const routed = new GetObjectCommand({ Bucket: bucket, Key: routedKey(walletA, id) });
  await t.rejects(broker.send(routed), { name: 'AccessDenied' });
  const read = await broker.send(new GetObjectCommand({ Bucket: bucket, Key: INBOUND_PREFIX + id }));
  t.equal(read.$metadata.httpStatusCode, 200, 'the broker can read inbound/');
});
