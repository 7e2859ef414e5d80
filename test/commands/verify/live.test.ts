/**
 * What the live checks find, each time with one fault.
 */
import { GetBucketPolicyCommand, PutBucketPolicyCommand } from '@aws-sdk/client-s3';
import t, { type Test } from 'tap';
import { systemClock } from '../../../src/aws/waits.js';
import { operatorNames } from '../../../src/commands/demo/operator-account.js';
import type { Check } from '../../../src/commands/verify/check.js';
import type { Fault, InterceptedCall, SandboxOptions } from '../../../src/sandbox/index.js';
import { type Deployed, startDeployed, tokenFile, wallet } from './operator.js';

const mail = (what: string) => `a live probe of routing > ${what}`;
const routed = mail('a message for a wallet is routed, byte for byte');
const stays = mail('login mail stays in inbound/, also with a forged To:');
const session = (what: string) => `a live session with an agent's token > ${what}`;

/** Events are delayed beyond the end of each test: the tests do themselves what becomes of the probe. */
const silent: SandboxOptions = { delays: { eventBridgeDelivery: 3_600_000 } };

function keyOf({ input }: InterceptedCall): string {
  return String((input as { Key?: string }).Key);
}

/** Puts a body where the copy of the message is expected: another one, or the message's own. */
function copyTo({ sandbox, bucket }: Deployed, messageId: RegExp, change: (body: Buffer) => Buffer): void {
  const { objects } = sandbox.state.s3.buckets.get(bucket) ?? {};
  const [key, object] = [...(objects ?? [])].find(([one]) => messageId.test(one)) ?? [];
  const [, recipient] = /To: or-(0x[0-9a-f]{40})-/.exec(String(object?.body)) ?? [];
  if (key === undefined || object === undefined) return;
  objects?.set(`bots/${recipient}/${key}`, { ...object, body: change(object.body) });
}

function leftIn({ sandbox, bucket }: Deployed): string[] {
  return [...(sandbox.state.s3.buckets.get(bucket)?.objects.keys() ?? [])];
}

/** Nothing is left in the bucket, whatever the outcome. */
async function finds(t: Test, operator: Deployed, failed: string[], flags = ['--timeout', '1']): Promise<string> {
  const found = await operator.verify(flags);
  t.strictSame(found.failed, failed);
  t.strictSame(leftIn(operator), []);
  return JSON.stringify(found.checks);
}

t.test('without a mail domain, the probe uses an invalid one', async (t) => {
  const { run } = await startDeployed(t);
  await run(['deploy', '--yes']);
  const { checks } = JSON.parse((await run(['verify', '--json'], { clock: systemClock })).stdout);
  t.strictSame(checks.find(({ name }: Check) => name === 'a live probe of routing').outcome, 'OK');
});

t.test('a copy that is not the message', async (t) => {
  const operator = await startDeployed(t, silent);
  operator.sandbox.intercept((call) => {
    if (call.operation === 'GetObject' && /-signup$/.test(keyOf(call)))
      copyTo(operator, /^inbound\/.*-signup$/, (body) => body.subarray(1));
    return undefined;
  });
  t.match(await finds(t, operator, [routed]), /the copy differs: (\d+) bytes, not \d+/);
});

t.test('login mail that is copied, and login mail that is gone', async (t) => {
  const operator = await startDeployed(t);
  const { sandbox, bucket } = operator;
  const release = sandbox.intercept(({ operation }) => {
    if (operation === 'Invoke') copyTo(operator, /^inbound\/.*-login$/, (body) => body);
    return undefined;
  });
  t.match(await finds(t, operator, [stays], []), 'it was copied to a wallet');
  release();
  sandbox.intercept(({ operation }) => {
    const { objects } = sandbox.state.s3.buckets.get(bucket) ?? {};
    if (operation === 'Invoke') for (const key of leftIn(operator)) if (/-login$/.test(key)) objects?.delete(key);
    return undefined;
  });
  t.match(await finds(t, operator, [stays], []), 'it is no longer in inbound/');
});

t.test('a response that is not JSON, or empty, is not the router’s', async (t) => {
  const operator = await startDeployed(t);
  for (const body of ['hello', '']) {
    const fault: Fault = { kind: 'answer', status: 200, body };
    const release = operator.sandbox.intercept(({ operation }) => (operation === 'Invoke' ? fault : undefined));
    t.match(await finds(t, operator, [stays], []), "the function's response is not this router's");
    release();
  }
});

t.test('without permission to read the copy the probe is skipped, and its objects are deleted', async (t) => {
  const operator = await startDeployed(t);
  operator.sandbox.intercept(({ operation }) =>
    operation === 'GetObject' ? { kind: 'refuse', code: 'AccessDenied', status: 403, message: 'Not you.' } : undefined,
  );
  const { failed, skipped } = await operator.verify(['--timeout', '1']);
  t.strictSame(failed, []);
  t.ok(skipped.includes('a live probe of routing'));
});

/** A token with claims of its own. */
function tokenWith(t: Test, claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const payload = {
    iss: `https://${operatorNames.issuer}`,
    aud: operatorNames.audience,
    sub: 'agent',
    exp: Date.now() / 1_000 + 600,
    ...claims,
  };
  return `${t.testdir({ token: `${part({ alg: 'none' })}.${part(payload)}.unsigned` })}/token`;
}

t.test('tokens: without a wallet, with something else for one, and no token at all', async (t) => {
  const operator = await startDeployed(t);
  const ofToken = (path: string) => ['--web-identity-token-file', path];
  const lower = session('its wallet is in lower case');
  const untagged = await finds(t, operator, [lower], ofToken(tokenWith(t, {})));
  t.match(untagged, 'the token sets no wallet tag');

  const alice = await finds(t, operator, [lower], ofToken(tokenFile(t, 'alice')));
  t.match(alice, 'it is not 0x and 40 hexadecimal digits');

  const none = `${t.testdir({ token: 'this is no token' })}/token`;
  const opens = session('the token can assume the data role');
  const found = await finds(t, operator, [opens], ofToken(none));
  t.match(found, 'it is not a JWT, three parts of base64url with dots between');
  t.notMatch(found, 'this is no token');

  // What is refused is the token, not the operator's own credentials.
  operator.sandbox.intercept(({ operation }) =>
    operation === 'AssumeRoleWithWebIdentity'
      ? { kind: 'refuse', code: 'ExpiredTokenException', status: 400, message: 'Token expired.' }
      : undefined,
  );
  const expired = await finds(t, operator, [opens], ofToken(tokenFile(t)));
  t.match(expired, '(ExpiredToken): the token has expired; ask the broker for another.');
});

t.test('a token found in the environment may be for another role: a SKIP if it is rejected', async (t) => {
  const operator = await startDeployed(t);
  const none = `${t.testdir({ token: 'of-a-ci-job' })}/token`;
  const found = await operator.verify([], { env: { AWS_WEB_IDENTITY_TOKEN_FILE: none } });
  t.strictSame({ status: found.status, failed: found.failed }, { status: 0, failed: [] });
  t.ok(found.skipped.includes("a live session with an agent's token"));
  t.match(JSON.stringify(found.checks), "the token of AWS_WEB_IDENTITY_TOKEN_FILE is not an agent's");
});

t.test("an agent that can't read its own mail", async (t) => {
  const operator = await startDeployed(t);
  const { aws, bucket } = operator;
  const { Policy = '' } = await aws.s3.send(new GetBucketPolicyCommand({ Bucket: bucket }));
  const { Statement } = JSON.parse(Policy);
  const rest = Statement.filter(({ Sid }: { Sid: string }) => !Sid.startsWith('Agent'));
  const narrow = JSON.stringify({ Version: '2012-10-17', Statement: rest });
  await aws.s3.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy: narrow }));
  const found = await finds(
    t,
    operator,
    [
      "isolation, by the policies > an agent's session > lists and reads its own wallet's mail",
      session("it reads its own wallet's mail"),
    ],
    ['--web-identity-token-file', tokenFile(t)],
  );
  t.match(found, 'AWS denied it to list and to read');
});

/** Replaces the bucket policy's statements except those on agents. @returns a function that restores it */
async function agentsMay({ aws, bucket }: Deployed, agents: object[], kept = /^/): Promise<() => Promise<unknown>> {
  const { Policy = '' } = await aws.s3.send(new GetBucketPolicyCommand({ Bucket: bucket }));
  const { Statement } = JSON.parse(Policy);
  const rest = Statement.filter(({ Sid = '' }: { Sid?: string }) => kept.test(Sid));
  const role = `arn:aws:iam::111122223333:role/${operatorNames.dataRole}`;
  const more = agents.map((one) => ({ Effect: 'Allow', Principal: { AWS: role }, ...one }));
  const put = (statements: object[]) => {
    const text = JSON.stringify({ Version: '2012-10-17', Statement: statements });
    return aws.s3.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy: text }));
  };
  await put([...rest, ...more]);
  return () => put(Statement);
}

t.test("the session reads in the wallet's folder inbound/", async (t) => {
  const operator = await startDeployed(t);
  const arn = `arn:aws:s3:::${operator.bucket}`;
  const flags = ['--web-identity-token-file', tokenFile(t)];
  const byPolicies = (what: string) => `isolation, by the policies > an agent's session > ${what}`;
  const others = session("it does not read another wallet's mail");

  const own = 'bots/${aws:PrincipalTag/agentkeys_user_wallet}/inbound/*';
  const justMail = [
    { Action: 's3:GetObject', Resource: `${arn}/${own}` },
    { Action: 's3:ListBucket', Resource: arn, Condition: { StringLike: { 's3:prefix': own } } },
  ];
  const narrowed = await agentsMay(operator, justMail, /^(?!Agent)/);
  await finds(t, operator, [], flags);
  await narrowed();

  const everyMail = [{ Action: 's3:GetObject', Resource: `${arn}/bots/*/inbound/*` }];
  const widened = await agentsMay(operator, everyMail);
  const untagged = byPolicies('reads nothing without a wallet');
  t.match(
    await finds(t, operator, [byPolicies("does not read another wallet's mail"), untagged, others], flags),
    'AWS allowed it to read',
  );
  await widened();
});

t.test('errors of STS and of S3 are not denials', async (t) => {
  const operator = await startDeployed(t);
  const flags = ['--web-identity-token-file', tokenFile(t)];
  const failing: Array<(call: InterceptedCall) => boolean> = [
    ({ operation }) => operation === 'AssumeRoleWithWebIdentity',
    (call) => call.operation === 'GetObject' && keyOf(call).startsWith(`bots/${wallet}/`),
  ];
  for (const fails of failing) {
    const release = operator.sandbox.intercept((call) =>
      fails(call) ? { kind: 'refuse', code: 'InternalError', status: 500 } : undefined,
    );
    const { status, stdout } = await operator.verify(flags);
    t.equal(status, 1);
    t.match(JSON.parse(stdout), {
      outcome: 'failed',
      error: /The probe objects have been deleted from the bucket/,
    });
    t.strictSame(leftIn(operator), []);
    release();
  }
});

t.test('Ctrl-C just after the copy was made, before it was seen', async (t) => {
  const operator = await startDeployed(t);
  const interrupt = new AbortController();
  operator.sandbox.intercept(({ operation }) => {
    if (operation === 'CopyObject') interrupt.abort();
    return undefined;
  });
  const { status, stderr } = await operator.verify([], { signal: interrupt.signal });
  t.equal(status, 130);
  t.match(stderr, 'The probe objects have been deleted from the bucket.');
  await operator.sandbox.settled();
  t.strictSame(leftIn(operator), []);
});

t.test('an unreadable token file is reported before any call', async (t) => {
  const operator = await startDeployed(t);
  for (const args of [['verify'], ['deploy', '--verify', '--yes']]) {
    const { status, stderr, calls } = await operator.run(args, { env: { AWS_WEB_IDENTITY_TOKEN_FILE: 'nosuch' } });
    t.strictSame({ status, calls }, { status: 1, calls: [] });
    t.match(
      stderr,
      /^error: The file given with --web-identity-token-file .* can't be read \(ENOENT\)\. Nothing was read or written in AWS\.\n$/,
    );
    t.notMatch(stderr, 'nosuch', 'it may be the token itself');
  }
});
