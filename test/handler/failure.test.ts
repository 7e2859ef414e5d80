import { inspect } from 'node:util';
import t from 'tap';
import { UnknownEventError } from '../../handler/event.js';
import {
  CopiesFailedError,
  causeOf,
  DeadlineError,
  failureOf,
  S3CallError,
  UnexpectedError,
} from '../../handler/failure.js';

const secret = 'Dear Alice, your code is 424242';

/** An error as the SDK makes it of an answer that repeats what it should not. */
function echo(more: object = {}): Error {
  const $metadata = { httpStatusCode: 400, requestId: secret, extendedRequestId: secret, attempts: 1 };
  const fields = { Code: secret, ArgumentValue: secret, Key: secret, $metadata, $response: { body: secret } };
  return Object.assign(new Error(secret), fields, more);
}

/** All that any printer could show of an error. */
const allOf = (error: unknown) => inspect(error, { depth: Number.POSITIVE_INFINITY, showHidden: true, getters: true });

t.test('the message of a failed call', async (t) => {
  const cases: Array<[raised: unknown, message: string]> = [
    [
      { name: 'SlowDown', $metadata: { httpStatusCode: 503, requestId: '3WVZ8Q0MZ3N4K5XT', attempts: 3 } },
      'CopyObject failed: SlowDown, HTTP status 503, request 3WVZ8Q0MZ3N4K5XT',
    ],
    [{ name: 'Error', code: 'ECONNRESET', message: 'read ECONNRESET' }, 'CopyObject failed: ECONNRESET'],
    [{ name: 'TimeoutError', $metadata: {} }, 'CopyObject failed: TimeoutError'],
    [echo({ name: secret }), 'CopyObject failed: UnknownError, HTTP status 400'],
    [secret, 'CopyObject failed: UnknownError'],
    [undefined, 'CopyObject failed: UnknownError'],
    [
      { name: 7, code: 'x'.repeat(65), $metadata: { httpStatusCode: '4', requestId: 7 } },
      'CopyObject failed: UnknownError',
    ],
  ];
  for (const [raised, message] of cases) {
    const error = new S3CallError('CopyObject', raised);
    t.equal(error.message, message);
    t.equal(causeOf(error), raised, 'for an operator');
    t.notMatch(allOf(failureOf(error)), secret);
    t.notMatch(allOf(failureOf(new CopiesFailedError([error, error]))), secret);
  }
});

t.test('the message of a denial names the policy', async (t) => {
  const denied = (message: string) => new S3CallError('GetObject', { name: 'AccessDenied', message }).message;
  const role =
    'User: arn:aws:sts::111122223333:assumed-role/r/f is not authorized to perform: s3:GetObject on resource';
  const endings = [
    'because no identity-based policy allows the s3:GetObject action',
    'because no VPC endpoint policy allows the s3:GetObject action',
    'because no permissions boundary allows the s3:GetObject action',
    'with an explicit deny in a resource-based policy',
    'with an explicit deny in a service control policy',
    'with an explicit deny in an identity-based policy',
    'with an explicit deny in a permissions boundary',
  ];
  for (const ending of endings)
    t.equal(denied(`${role}: "arn:aws:s3:::b/k" ${ending}`), `GetObject failed: AccessDenied, ${ending}`);
  for (const other of ['Access Denied', `with an explicit deny in a ${secret}`, `${endings[0]} ${secret}`])
    t.equal(denied(`${role} ${other}`), 'GetObject failed: AccessDenied', other);
});

t.test('a failed precondition has the header that S3 names', async (t) => {
  const condition = (more: object) => new S3CallError('CopyObject', { name: 'PreconditionFailed', ...more });
  t.equal(condition({ Condition: 'If-None-Match' }).unmetCondition, 'If-None-Match');
  t.equal(condition({}).unmetCondition, undefined);
  t.equal(condition({ Condition: secret }).unmetCondition, undefined);
  const status = { $metadata: { httpStatusCode: 412 } };
  t.equal(condition({ name: 'Unknown', ...status, Condition: 'If-Match' }).unmetCondition, 'If-Match', 'by its status');
  t.equal(condition({ name: 'Other', Condition: 'If-None-Match' }).unmetCondition, undefined, 'of another error, none');
});

t.test('the error that is thrown', async (t) => {
  const call = new S3CallError('GetObject', { name: 'InternalError' });
  const event = new UnknownEventError('it is blue');
  t.equal(failureOf(call), call);
  t.equal(failureOf(event), event);
  const deadline = new DeadlineError();
  t.equal(failureOf(deadline), deadline);
});

t.test('a bug in the function is reported with its place', async (t) => {
  const expectedMessage = "a fault of the function's own: TypeError";
  const fault = new TypeError(`no such thing: ${secret}\n    at ${secret}`);
  const { message, stack } = failureOf(Object.assign(fault, { input: secret }));
  t.equal(message, expectedMessage);
  t.match(stack, /^UnexpectedError: a fault of the function's own: TypeError\n {4}at .*failure\.test\.ts:\d+:\d+/);
  t.notMatch(allOf(failureOf(fault)), secret);

  fault.message = 'another message';
  t.equal(
    failureOf(fault).stack,
    `UnexpectedError: ${expectedMessage}`,
    'a stack that it does not know the beginning of',
  );
  t.equal(new UnexpectedError(secret).stack, "UnexpectedError: a fault of the function's own: string");
});

t.test('the cause of other errors', async (t) => {
  const error = new Error('x');
  t.equal(causeOf(error), error);
  const call = new S3CallError('GetObject', error);
  t.equal(causeOf(new CopiesFailedError([call, new S3CallError('CopyObject', 'y')])), error, 'of several, the first');
});
