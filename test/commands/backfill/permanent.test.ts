import t from 'tap';
import { CopiesFailedError, S3CallError } from '../../../handler/failure.js';
import { isPermanent } from '../../../src/commands/backfill/permanent.js';

const failed = (code: string) => new S3CallError('GetObject', { name: code });

t.test('what stays until somebody changes something', async (t) => {
  const lasting = ['AccessDenied', 'InvalidRequest', 'MethodNotAllowed', 'KMS.DisabledException'];
  lasting.push('KMS.NotFoundException', 'KMS.KMSInvalidStateException', 'KMS.InvalidStateException');
  for (const code of lasting) t.ok(isPermanent(failed(code)), code);
  const passing = ['SlowDown', 'InternalError', 'ECONNRESET', 'TimeoutError', 'PreconditionFailed', 'RequestTimeout'];
  passing.push('KMS.ThrottlingException', 'KMS.DependencyTimeoutException', 'KMS.KMSInternalException');
  // About the caller, not about one message.
  passing.push('ExpiredToken', 'InvalidAccessKeyId', 'RequestTimeTooSkewed', 'NoSuchBucket');
  for (const code of passing) t.notOk(isPermanent(failed(code)), code);
  t.notOk(isPermanent(new Error('AccessDenied')), 'not a call for one message');
});

t.test('of several copies, all must fail so', async (t) => {
  t.ok(isPermanent(new CopiesFailedError([failed('AccessDenied'), failed('KMS.DisabledException')])));
  t.notOk(isPermanent(new CopiesFailedError([failed('AccessDenied'), failed('SlowDown')])));
});
