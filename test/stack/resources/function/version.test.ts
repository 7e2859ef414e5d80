/** Which code the function runs, by its tag and its hash. */
import t from 'tap';
import { functionPackage } from '../../../../src/package/function-package.js';
import { codeSha256, zip } from '../../../../src/package/zip.js';
import type { ExistingFunction } from '../../../../src/stack/resources/function/state.js';
import { deployedVersion, versionOf, versionTag } from '../../../../src/stack/resources/function/version.js';
import { startDeployed } from '../../../support/operator.js';

const FunctionName = 'agentkeys-ses-routing';
const code = await functionPackage();
const here = versionOf(code);
const other = codeSha256(await zip({ 'index.js': Buffer.from('another') }));
const otherHash = Buffer.from(other, 'base64').toString('hex').slice(0, 12);

/** A function with this code, and this tag. */
function there(CodeSha256: string, tag?: string): ExistingFunction {
  return {
    configuration: { CodeSha256 },
    tags: tag === undefined ? {} : { [versionTag]: tag },
    eventInvoke: { maximumRetryAttempts: 2, maximumEventAge: 21_600 },
    interimRole: false,
  };
}

t.test("the version tag's format", async (t) => {
  // The SHA-256 of "abc".
  const abc = 'ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=';
  t.equal(versionOf({ version: '1.2.3', codeSha256: abc }), '1.2.3+ba7816bf8f01');
  t.match(here, /^\d+\.\d+\.\d+\+[0-9a-f]{12}$/);
});

t.test('the tag compared with the code', async (t) => {
  const cases = [
    { name: 'no function', existing: undefined, is: { how: 'missing' } },
    { name: 'this code', existing: there(code.codeSha256, here), is: { how: 'same', version: here } },
    { name: 'this code, not tagged yet', existing: there(code.codeSha256), is: { how: 'same', version: here } },
    {
      name: "another version's",
      existing: there(other, `0.0.9+${otherHash}`),
      is: { how: 'other', version: `0.0.9+${otherHash}` },
    },
    { name: 'replaced since', existing: there(other, here), is: { how: 'replaced', version: here } },
    { name: 'not of this tool', existing: there(other), is: { how: 'unknown' } },
  ];
  for (const { name, existing, is } of cases) t.strictSame(deployedVersion(existing, code), is, name);
});

t.test('a deploy tags the function with it, after the code is updated', async (t) => {
  const { run, sandbox } = await startDeployed(t);
  const fn = sandbox.state.lambda.functions.get(FunctionName);
  t.equal(fn?.tags.get(versionTag), here);
  if (fn === undefined) return;

  fn.codeSha256 = other;
  fn.tags.set(versionTag, `0.0.9+${otherHash}`);
  const release = sandbox.intercept(({ operation }) =>
    operation === 'UpdateFunctionCode' ? { kind: 'refuse', code: 'AccessDeniedException', status: 403 } : undefined,
  );
  t.equal((await run(['deploy'])).status, 1);
  release();
  t.equal(fn.tags.get(versionTag), `0.0.9+${otherHash}`, 'the older code is still there, and so is its tag');
  t.equal((await run(['deploy'])).status, 0);
  t.equal(fn.tags.get(versionTag), here);
});
