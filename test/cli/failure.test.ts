/** How errors are described, in cases that no run of the command line shows. */
import t from 'tap';
import { OperatorError } from '../../src/aws/errors.js';
import { failure, traces } from '../../src/cli/failure.js';
import { InvalidSettingsError } from '../../src/settings/index.js';

t.test('lines and exit status', async (t) => {
  const named = (name: string, message: string) => Object.assign(new Error(message), { name });
  const expired = 'The AWS credentials have expired. Log in again, then repeat the command. Nothing was written.';
  const settings = ['error: one', 'error: two', 'Nothing was read or written.'];
  const cases: Array<[error: unknown, lines: string[], status: number, message: string]> = [
    [new OperatorError('It is so. Do this.'), ['error: It is so. Do this.'], 1, 'It is so. Do this.'],
    [named('ExpiredToken', 'x'), [`error: ${expired}`], 1, expired],
    [named('AbortError', 'x'), ['Interrupted. Nothing was written.'], 130, 'Interrupted. Nothing was written.'],
    [new InvalidSettingsError(['one', 'two']), settings, 1, 'one\ntwo\nNothing was read or written.'],
  ];
  for (const [error, lines, status, message] of cases)
    t.strictSame(failure(error, undefined), {
      status,
      lines,
      document: { version: 1, outcome: status === 130 ? 'interrupted' : 'failed', error: message },
    });
});

t.test('stack traces include the causes', async (t) => {
  const cause = new Error('the cause');
  t.strictSame(
    traces(new Error('what came of it', { cause })).map((trace) => trace.split('\n')[0]),
    ['Error: what came of it', 'Error: the cause'],
  );
  t.strictSame(traces('no error'), []);
});
