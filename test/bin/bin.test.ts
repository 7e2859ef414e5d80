/**
 * The built executable in a process of its own: signals, pipes, an empty environment.
 */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import t from 'tap';
import { startOperator } from '../support/operator.js';
import { executable, operatorEnvironment, startCli } from '../support/process.js';

t.test('--version prints the package version and nothing else', async (t) => {
  const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'));
  const cli = startCli(t, ['--version'], {});
  t.strictSame(await cli.ended, { status: 0, signal: null });
  t.equal(cli.stdout(), `${version}\n`);
  t.equal(cli.stderr(), '');
});

t.test('without credentials: prints what to do, without a stack trace', async (t) => {
  const cli = startCli(t, ['deploy', '--region', 'us-east-1'], {});
  t.strictSame(await cli.ended, { status: 1, signal: null });
  t.equal(cli.stdout(), '');
  t.equal(
    cli.stderr(),
    'error: No AWS credentials were found. Log in (for instance `aws sso login`), or name a profile that has some with --profile (AWS_PROFILE). Nothing was written.\n',
  );
});

t.test('a profile that does not exist', async (t) => {
  const cli = startCli(t, ['deploy', '--profile', 'nobody'], {});
  t.strictSame(await cli.ended, { status: 1, signal: null });
  t.equal(
    cli.stderr(),
    'error: The profile nobody does not exist in the AWS configuration files. Check --profile (AWS_PROFILE). Nothing was read or written.\n',
  );
});

t.test('deploys with the credentials, region and endpoint of the environment', async (t) => {
  const { sandbox } = await startOperator(t);
  const cli = startCli(t, ['deploy', '--json'], operatorEnvironment(sandbox));
  t.strictSame(await cli.ended, { status: 0, signal: null });
  t.equal(JSON.parse(cli.stdout()).outcome, 'applied');
  t.notMatch(cli.stderr(), /warning/i);
  t.notMatch(cli.stdout() + cli.stderr(), '\u001b');
});

t.test(
  'Ctrl-C lets the call under way finish and reports what is done and what is not; the next deploy continues',
  async (t) => {
    const { sandbox, run } = await startOperator(t);
    let release = () => {};
    const arrived = new Promise<void>((resolve) => {
      sandbox.intercept(async ({ operation }) => {
        if (operation !== 'CreateFunction') return undefined;
        resolve();
        await new Promise<void>((resume) => {
          release = resume;
        });
        return undefined;
      });
    });
    const args = ['deploy', '--no-broker'];
    const cli = startCli(t, args, operatorEnvironment(sandbox));
    await arrived;
    cli.child.kill('SIGINT');
    await cli.says('Stopping after the current call. Press Ctrl-C again to exit now.');
    release();
    t.strictSame(await cli.ended, { status: 130, signal: null });
    t.strictSame(cli.stderr().trimEnd().split('\n').slice(-13), [
      '  create permission agentkeys-ses-routing-events-e0c94805ecaf: failed',
      'Interrupted',
      '  stopped at: create permission agentkeys-ses-routing-events-e0c94805ecaf',
      '  done:       create log group /aws/lambda/agentkeys-ses-routing',
      '              create retry queue agentkeys-ses-routing-retry',
      '              create execution role agentkeys-ses-routing-role',
      '              create function agentkeys-ses-routing',
      '  not done:   create event source agentkeys-ses-routing-retry',
      '              create destination agentkeys-ses-routing',
      '              create rule agentkeys-ses-routing-inbound',
      '              create target agentkeys-ses-routing',
      '              update bucket events agentkeys-mail-111122223333',
      'Run the same command again to continue.',
    ]);
    const next = await run(args);
    t.equal(next.status, 0, next.stderr);
    t.strictSame(next.writes.toSorted(), [
      'events:PutRule',
      'events:PutTargets',
      'events:TagResource',
      'lambda:AddPermission',
      'lambda:CreateEventSourceMapping',
      'lambda:PutFunctionEventInvokeConfig',
      's3:PutBucketNotificationConfiguration',
    ]);
    t.strictSame((await run(args)).writes, []);
  },
);

t.test('a second Ctrl-C does not wait for the write under way', async (t) => {
  const { sandbox } = await startOperator(t);
  const arrived = new Promise<void>((resolve) => {
    sandbox.intercept(({ operation }) => {
      if (operation !== 'CreateLogGroup') return undefined;
      resolve();
      return { kind: 'delay', milliseconds: 600_000 };
    });
  });
  const cli = startCli(t, ['deploy'], operatorEnvironment(sandbox));
  await arrived;
  cli.child.kill('SIGINT');
  await cli.says('Press Ctrl-C again to exit now.');
  cli.child.kill('SIGINT');
  t.strictSame(await cli.ended, { status: 130, signal: null });
});

t.test('a closed pipe (`| head`) does not interrupt a deploy', async (t) => {
  const { sandbox, run } = await startOperator(t);
  const cli = startCli(t, ['deploy'], operatorEnvironment(sandbox));
  cli.child.stdout.destroy();
  cli.child.stderr.destroy();
  t.strictSame(await cli.ended, { status: 0, signal: null });
  t.strictSame((await run(['deploy'])).writes, []);
});

t.test('fails when its output cannot be written', { skip: process.platform !== 'linux' }, async (t) => {
  const { spawn } = await import('node:child_process');
  const { open } = await import('node:fs/promises');
  const full = await open('/dev/full', 'w');
  t.teardown(() => full.close());
  const child = spawn(process.execPath, [executable, '--help'], { env: {}, stdio: ['ignore', full.fd, 'pipe'] });
  const [stderr] = await Promise.all([child.stderr && text(child.stderr), once(child, 'exit')]);
  t.equal(child.exitCode, 1);
  t.equal(stderr, "error: stdout can't be written (ENOSPC).\n");
});

t.test('Ctrl-C, SIGTERM and SIGHUP end a run at once where nothing is being written', async (t) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    // One each: a late request of the run before must not be taken for this run's.
    const { sandbox } = await startOperator(t);
    const arrived = new Promise<void>((resolve) => {
      sandbox.intercept(({ operation }) => {
        if (operation !== 'GetRole') return undefined;
        resolve();
        return { kind: 'delay', milliseconds: 600_000 };
      });
    });
    const cli = startCli(t, ['deploy'], operatorEnvironment(sandbox));
    await arrived;
    cli.child.kill(signal);
    t.strictSame(await cli.ended, { status: 130, signal: null }, signal);
    t.equal(cli.stderr(), '  Read the account: failed\nInterrupted. Nothing was written.\n');
  }
});

t.test('one line each: no home directory, nothing writable, a directory that was deleted', async (t) => {
  // A user whom the machine does not know has no home directory, and may write nowhere here.
  const stranger = process.getuid?.() === 0 ? { uid: 54_321, gid: 54_321 } : {};
  const nowhere = t.testdir({});
  const spawned = (cwd: string) =>
    spawnSync(process.execPath, [executable, 'status'], {
      ...stranger,
      cwd,
      env: { AWS_EC2_METADATA_DISABLED: 'true', REGION: 'us-east-1', TMPDIR: '/nowhere' },
      encoding: 'utf8',
    });
  t.match(spawned('/').stderr, /^error: No AWS credentials were found\. .*\n$/);
  const deleted = spawnSync('sh', ['-c', `rmdir "$PWD" && exec "${process.execPath}" "${executable}" --version`], {
    cwd: nowhere,
    env: { PATH: process.env.PATH },
    encoding: 'utf8',
  });
  t.equal(deleted.status, 1);
  t.equal(deleted.stderr, 'error: The current directory does not exist any more. Change to another one.\n');
});
