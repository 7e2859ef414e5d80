import t from 'tap';
import { isMessageId, refused, walletFolder } from '../../src/mailbox/bucket.js';
import { MailboxError } from '../../src/mailbox/errors.js';
import { walletA } from './support.js';

t.test('an error of the mailbox stays what it is', async (t) => {
  const error = new MailboxError('MISSING_PACKAGE', 'x');
  const s3 = { send: () => Promise.reject(error) };
  t.equal(refused(walletFolder({ s3, bucket: 'bucket', wallet: walletA }), error), error);
});

t.test('message ids', async (t) => {
  for (const id of ['jsj8ehfd70nqi6tn50oaic5jne9ichtfbn9t91ee', 'AMAZON_SES_SETUP_NOTIFICATION', 'a.eml'])
    t.ok(isMessageId(id), id);
  for (const id of ['', '.', '..', '../x', 'a/b', 'a b', 'a'.repeat(257), 'a\n']) t.notOk(isMessageId(id), id);
});
