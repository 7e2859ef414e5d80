import t from 'tap';
import { refused, walletFolder } from '../../src/mailbox/bucket.js';
import { MailboxError } from '../../src/mailbox/errors.js';
import { walletA } from './support.js';

t.test("the mailbox's own errors are not wrapped", async (t) => {
  const error = new MailboxError('MISSING_PACKAGE', 'x');
  const s3 = { send: () => Promise.reject(error) };
  t.equal(refused(walletFolder({ s3, bucket: 'bucket', wallet: walletA }), error), error);
});
