import { CreateRoleCommand, GetRoleCommand, ListRolesCommand, TagRoleCommand } from '@aws-sdk/client-iam';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import t from 'tap';
import { startSandbox } from '../../src/sandbox/index.js';
import { addRole, clients, deferred, policy, refusal, start, trustAnyone } from './support.js';

const role = { RoleName: 'reader', AssumeRolePolicyDocument: trustAnyone };

t.test('starts a new account with an administrator', async (t) => {
  const { sandbox, sts } = await start(t);
  t.match(sandbox, { account: '111122223333', region: 'us-east-1', partition: 'aws' });
  t.match(sandbox.endpoint, /^http:\/\/127\.0\.0\.1:\d+$/);
  t.match(await sts.send(new GetCallerIdentityCommand({})), {
    Account: '111122223333',
    Arn: 'arn:aws:iam::111122223333:user/administrator',
    UserId: /^AIDA[A-Z2-7]{17}$/,
  });
});

const partitions = [
  { region: 'eu-west-1', partition: 'aws' },
  { region: 'cn-north-1', partition: 'aws-cn' },
  { region: 'us-gov-west-1', partition: 'aws-us-gov' },
];
for (const { region, partition } of partitions) {
  t.test(`${region} lies in the partition ${partition}`, async (t) => {
    const { sandbox, sts } = await start(t, { region, account: '444455556666' });
    t.equal(sandbox.partition, partition);
    const { Arn } = await sts.send(new GetCallerIdentityCommand({}));
    t.equal(Arn, `arn:${partition}:iam::444455556666:user/administrator`);
  });
}

t.test('a port of the caller’s choice; one that is taken is an error', async (t) => {
  const { sandbox } = await start(t);
  const port = Number(new URL(sandbox.endpoint).port);
  await t.rejects(startSandbox({ port }), { code: 'EADDRINUSE' });
  await sandbox.close();
  const again = await startSandbox({ port });
  t.equal(again.endpoint, sandbox.endpoint);
  await again.close();
  // `start` closes once more: that must not hang.
});

t.test('every call is recorded, in order', async (t) => {
  const { sandbox, iam } = await start(t);
  await iam.send(new CreateRoleCommand(role));
  await refusal(iam.send(new CreateRoleCommand(role)));
  await refusal(iam.send(new ListRolesCommand({})));
  const stranger = clients(sandbox, { accessKeyId: 'AKIAUNKNOWN', secretAccessKey: 'x' });
  await refusal(stranger.iam.send(new GetRoleCommand(role)));
  const caller = 'arn:aws:iam::111122223333:user/administrator';
  t.strictSame(sandbox.calls, [
    { service: 'iam', operation: 'CreateRole', mutates: true, status: 200, caller },
    { service: 'iam', operation: 'CreateRole', mutates: true, status: 409, caller, error: 'EntityAlreadyExists' },
    { service: 'iam', operation: 'ListRoles', mutates: false, status: 501, caller, error: 'NotImplemented' },
    {
      service: 'iam',
      operation: 'GetRole',
      mutates: false,
      status: 403,
      caller: undefined,
      error: 'InvalidClientTokenId',
    },
  ]);
});

t.test('an operation that is not there is named', async (t) => {
  const { iam } = await start(t);
  t.equal(
    await refusal(iam.send(new ListRolesCommand({}))),
    '501 NotImplemented: The embedded AWS does not have iam ListRoles.',
  );
});

t.test('a service that is not there is named', async (t) => {
  const { sandbox } = await start(t);
  const authorization = 'AWS4-HMAC-SHA256 Credential=AKIA/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host';
  const answer = await fetch(sandbox.endpoint, { headers: { authorization } });
  t.equal(answer.status, 501);
  t.strictSame(await answer.json(), {
    __type: 'NotImplemented',
    message: 'The embedded AWS does not have the service dynamodb.',
  });
});

t.test('interceptors', async (t) => {
  const { sandbox, iam } = await start(t);
  const call = (operation: string, number: number) => ({ service: 'iam', operation, number });

  await t.test('see each call with its number and input, and may leave it alone', async (t) => {
    const seen: unknown[] = [];
    const before = sandbox.calls.length;
    const remove = sandbox.intercept((intercepted) => void seen.push(intercepted));
    await iam.send(new CreateRoleCommand(role));
    remove();
    await iam.send(new GetRoleCommand(role));
    t.match(seen, [{ ...call('CreateRole', before + 1), mutates: true, input: { RoleName: 'reader' } }]);
    t.equal(seen.length, 1);
  });

  await t.test('refuse a call before its effect', async (t) => {
    const remove = sandbox.intercept(() => ({
      kind: 'refuse',
      code: 'Throttling',
      message: 'Rate exceeded',
      status: 400,
    }));
    t.equal(
      await refusal(iam.send(new CreateRoleCommand({ ...role, RoleName: 'refused' }))),
      '400 Throttling: Rate exceeded',
    );
    remove();
    t.notOk(sandbox.state.iam.roles.has('refused'));
    t.match(sandbox.calls.at(-1), { status: 400, error: 'Throttling' });
  });

  await t.test('the default message is the code', async (t) => {
    const remove = sandbox.intercept(() => ({ kind: 'refuse', code: 'ServiceFailure', status: 500 }));
    t.equal(await refusal(iam.send(new GetRoleCommand(role))), '500 ServiceFailureException: ServiceFailure');
    remove();
  });

  await t.test('close the connection before the effect, or instead of the answer', async (t) => {
    const effects = [];
    for (const kind of ['reset', 'lose-answer'] as const) {
      const remove = sandbox.intercept(async () => ({ kind }));
      const RoleName = `role-${kind}`;
      await t.rejects(iam.send(new CreateRoleCommand({ ...role, RoleName })), { code: 'ECONNRESET' });
      remove();
      effects.push([kind, sandbox.state.iam.roles.has(RoleName), sandbox.calls.at(-1)?.status]);
    }
    t.strictSame(effects, [
      ['reset', false, 0],
      ['lose-answer', true, 0],
    ]);
    const remove = sandbox.intercept(() => ({ kind: 'lose-answer' }));
    await t.rejects(
      iam.send(new GetRoleCommand({ RoleName: 'nobody' })),
      { code: 'ECONNRESET' },
      'a refusal is lost too',
    );
    remove();
  });

  await t.test('delay a call', async (t) => {
    const remove = sandbox.intercept(() => ({ kind: 'delay', milliseconds: 30 }));
    const began = performance.now();
    await iam.send(new GetRoleCommand(role));
    remove();
    t.ok(performance.now() - began >= 29);
  });

  await t.test('the first fault counts', async (t) => {
    const removals = [
      sandbox.intercept(() => undefined),
      sandbox.intercept(() => ({ kind: 'refuse', code: 'First', status: 400 })),
      sandbox.intercept(() => ({ kind: 'refuse', code: 'Second', status: 400 })),
    ];
    t.equal(await refusal(iam.send(new GetRoleCommand(role))), '400 First: First');
    for (const remove of removals) remove();
  });

  await t.test('an interceptor that throws is reported as a failure of the embedded AWS', async (t) => {
    const remove = sandbox.intercept(() => {
      throw new Error('the test is wrong');
    });
    t.equal(
      await refusal(iam.send(new GetRoleCommand(role))),
      '500 InternalFailure: The embedded AWS failed: Error: the test is wrong',
    );
    remove();
  });
});

t.test('settled waits for work that outlives its request', async (t) => {
  const { sandbox } = await start(t);
  const work = deferred<void>();
  const tracked = sandbox.state.activity.track('a delivery', work.promise);
  await t.rejects(sandbox.settled(1), { message: 'Still under way after 1 ms: a delivery.' });
  work.resolve();
  await tracked;
  await sandbox.settled();
});

t.test('close ends waiting calls and tells the state', async (t) => {
  const { sandbox, iam } = await start(t);
  const arrived = deferred<void>();
  sandbox.intercept(() => {
    arrived.resolve();
    return { kind: 'delay', milliseconds: 60_000 };
  });
  const call = refusal(iam.send(new GetRoleCommand(role)));
  await arrived.promise;
  t.notOk(sandbox.state.closing.aborted);
  await sandbox.close();
  t.ok(sandbox.state.closing.aborted);
  t.match(await call, /socket hang up|ECONNRESET/);
});

t.test('a caller that goes away in the middle of its request does no harm', async (t) => {
  const { sandbox, iam } = await start(t);
  const { port } = new URL(sandbox.endpoint);
  const socket = (await import('node:net')).connect(Number(port), '127.0.0.1');
  socket.write(`POST / HTTP/1.1\r\nHost: localhost:${port}\r\nContent-Length: 100\r\n\r\nhalf`);
  await new Promise((resolve) => socket.once('connect', resolve));
  socket.resetAndDestroy();
  await iam.send(new CreateRoleCommand(role));
  t.equal(sandbox.calls.length, 1);
});

t.test('snapshots', async (t) => {
  const { sandbox, iam, s3 } = await start(t, { now: () => Date.parse('2026-03-01T12:00:00Z') });
  await iam.send(new CreateRoleCommand({ ...role, Tags: [{ Key: 'team', Value: 'mail' }] }));
  await s3.send(new CreateBucketCommand({ Bucket: 'mail' }));
  await s3.send(new PutObjectCommand({ Bucket: 'mail', Key: 'inbound/1', Body: 'one', Metadata: { id: '7' } }));
  const before = sandbox.snapshot();

  await t.test('hold the configuration, and no times, ids or secrets', async (t) => {
    t.match(before, {
      iam: {
        roles: {
          reader: { trust: JSON.parse(trustAnyone), tags: { team: 'mail' }, attached: [], maxSessionDuration: 3600 },
        },
        users: { administrator: { attached: ['arn:aws:iam::aws:policy/AdministratorAccess'] } },
      },
      s3: {
        buckets: {
          mail: {
            objects: {
              'inbound/1': {
                metadata: { id: '7' },
                body: 'sha256:7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed',
              },
            },
          },
        },
      },
    });
    const text = JSON.stringify(before);
    t.notMatch(text, /AROA|AIDA|AKIA|2026-03/);
  });

  await t.test('are equal for the same thing made again, however its policy is laid out', async (t) => {
    sandbox.state.iam.roles.delete('reader');
    const AssumeRolePolicyDocument = JSON.stringify(JSON.parse(trustAnyone), null, 2);
    await iam.send(new CreateRoleCommand({ ...role, AssumeRolePolicyDocument }));
    await iam.send(new TagRoleCommand({ RoleName: 'reader', Tags: [{ Key: 'team', Value: 'mail' }] }));
    t.strictSame(sandbox.snapshot(), before);
  });

  await t.test('differ when something differs', async (t) => {
    addRole(sandbox, 'another', policy({ Effect: 'Allow', Action: 's3:*', Resource: '*' }));
    t.strictNotSame(sandbox.snapshot(), before);
  });
});
