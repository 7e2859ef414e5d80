import t from 'tap';
import type { Write } from '../../src/aws/writes.js';
import { type DeferredValues, deferred, resolve } from '../../src/reconcile/deferred.js';

const RoleName = 'a-role';

t.test('references are replaced at any depth; everything else is unchanged', async (t) => {
  const values: DeferredValues = new Map([
    [deferred.roleId, 'AROA1'],
    [deferred.now, '2026-01-31T12:00:00.000Z'],
  ]);
  const bytes = new Uint8Array([1, 2, 3]);
  const cases: Array<[write: Write, filled: Write]> = [
    [
      { call: 'iam:TagRole', input: { RoleName, Tags: [{ Key: 'since', Value: deferred.now }] } },
      { call: 'iam:TagRole', input: { RoleName, Tags: [{ Key: 'since', Value: '2026-01-31T12:00:00.000Z' }] } },
    ],
    [
      { call: 'lambda:TagResource', input: { Resource: 'x', Tags: { id: deferred.roleId } } },
      { call: 'lambda:TagResource', input: { Resource: 'x', Tags: { id: 'AROA1' } } },
    ],
    [
      { call: 'lambda:UpdateFunctionCode', input: { FunctionName: 'x', RevisionId: deferred.functionRevision } },
      { call: 'lambda:UpdateFunctionCode', input: { FunctionName: 'x', RevisionId: undefined } },
    ],
    [
      { call: 'iam:TagRole', input: { RoleName: `not only ${deferred.now}`, Tags: undefined } },
      { call: 'iam:TagRole', input: { RoleName: `not only ${deferred.now}`, Tags: undefined } },
    ],
  ];
  for (const [write, filled] of cases) t.strictSame(resolve(write, values), filled);
  const code: Write = { call: 'lambda:UpdateFunctionCode', input: { FunctionName: 'x', ZipFile: bytes } };
  const filled = resolve(code, values);
  t.equal(filled.input.ZipFile, bytes, 'bytes are not copied');
});
