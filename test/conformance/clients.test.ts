/**
 * The AWS CLI and boto3 on the embedded AWS, as processes of their own, where they are installed.
 */
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { startDeployed } from '../support/operator.js';

const MiB = 1024 * 1024;

interface Outcome {
  /** Null where the program can't be started. */
  status: number | null;
  stdout: string;
  stderr: string;
}

/** Runs a program with an account's credentials and none of this machine's AWS configuration. */
async function run(file: string, args: string[], env: NodeJS.ProcessEnv): Promise<Outcome> {
  const child = spawn(file, args, {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [out, err]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on('data', (piece: Buffer) => out.push(piece));
  child.stderr.on('data', (piece: Buffer) => err.push(piece));
  const text = (pieces: Buffer[]) => Buffer.concat(pieces).toString();
  return once(child, 'close').then(
    () => ({ status: child.exitCode, stdout: text(out), stderr: text(err) }),
    (error: Error) => ({ status: null, stdout: '', stderr: error.message }),
  );
}

/** A deployed stack, a file of 20 MB, and how to run a client. */
async function startClient(t: Test) {
  const { sandbox, bucket } = await startDeployed(t);
  const { endpoint, region, administrator } = sandbox;
  const folder = t.testdir({});
  const large = join(folder, 'large');
  const content = randomBytes(20 * MiB);
  await writeFile(large, content);
  const env = {
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: administrator.accessKeyId,
    AWS_SECRET_ACCESS_KEY: administrator.secretAccessKey,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: join(folder, 'config'),
    AWS_SHARED_CREDENTIALS_FILE: join(folder, 'credentials'),
    AWS_PAGER: '',
  };
  sandbox.calls.length = 0;
  /** No operation is missing, and the client made these calls. */
  const made = (...expected: string[]) => {
    t.strictSame(
      sandbox.calls.filter(({ status }) => status >= 400),
      [],
    );
    const operations = new Set(sandbox.calls.map(({ service, operation }) => `${service}:${operation}`));
    t.strictSame(
      expected.filter((operation) => !operations.has(operation)),
      [],
    );
    t.comment(`${sandbox.calls.length} calls of ${operations.size} operations`);
  };
  return { bucket, folder, large, content, env, made };
}

t.test('the AWS CLI', async (t) => {
  const { bucket, folder, large, content, env, made } = await startClient(t);
  const { status, stderr } = await run('aws', ['--version'], env);
  if (status !== 0) return t.plan(0, `no AWS CLI: ${stderr.trim()}`);
  const aws = async (...args: string[]) => {
    const outcome = await run('aws', args, env);
    t.equal(outcome.status, 0, `aws ${args.slice(0, 3).join(' ')}${outcome.stderr}`);
    return outcome.stdout;
  };
  const copied = join(folder, 'copied');
  t.match(await aws('s3', 'ls'), ` ${bucket}\n`);
  await aws('s3', 'cp', large, `s3://${bucket}/large`, '--no-progress');
  await aws('s3', 'cp', `s3://${bucket}/large`, `s3://${bucket}/copy`, '--no-progress');
  await aws('s3', 'cp', `s3://${bucket}/copy`, copied, '--no-progress');
  t.ok(content.equals(await readFile(copied)), '20 MB came back as they went');
  t.match(await aws('s3', 'ls', `s3://${bucket}/`), /20971520 copy\n.* 20971520 large\n/);
  await aws('s3', 'rm', `s3://${bucket}/copy`);
  const functions = await aws('lambda', 'list-functions', '--query', 'Functions[].FunctionName', '--output', 'text');
  t.equal(functions, 'agentkeys-ses-routing\n');
  const name = ['--function-name', 'agentkeys-ses-routing'];
  const dry = await aws('lambda', 'invoke', ...name, '--invocation-type', 'DryRun', join(folder, 'answer'));
  t.match(JSON.parse(dry), { StatusCode: 204 });
  t.match(JSON.parse(await aws('lambda', 'list-versions-by-function', ...name)), {
    Versions: [{ Version: '$LATEST' }],
  });
  made(
    ...['s3:ListBuckets', 's3:CreateMultipartUpload', 's3:UploadPart', 's3:UploadPartCopy', 's3:HeadObject'],
    ...['s3:CompleteMultipartUpload', 's3:ListObjectsV2', 's3:DeleteObject', 'lambda:ListFunctions', 'lambda:Invoke'],
  );
});

/** What a script of an operator does with boto3: a bucket's objects, large files, lists of everything. */
const script = `
import hashlib, json, sys
import boto3
from botocore.config import Config
bucket_name, large = sys.argv[1:]
s3 = boto3.resource('s3', config=Config(s3={'addressing_style': 'path'}))
bucket = s3.Bucket(bucket_name)
for number in range(3):
    bucket.put_object(Key=f'listed/{number}', Body=b'x')
bucket.upload_file(large, 'large')
bucket.download_file('large', large + '.back')
upload = bucket.Object('parts').initiate_multipart_upload()
upload.Part(1).upload(Body=b'x')
pending = [each.object_key for each in bucket.multipart_uploads.all()]
parts = [part.size for part in upload.parts.all()]
upload.abort()
found = {
    'buckets': [each.name for each in s3.buckets.all()],
    'listed': [each.key for each in bucket.objects.filter(Prefix='listed/').page_size(2)],
    'all': 'large' in [each.key for each in bucket.objects.all()],
    'etag': bucket.Object('large').e_tag,
    'large': hashlib.md5(open(large + '.back', 'rb').read()).hexdigest(),
    'pending': pending,
    'parts': parts,
    'functions': [f['FunctionName'] for page in boto3.client('lambda').get_paginator('list_functions').paginate() for f in page['Functions']],
}
bucket.objects.filter(Prefix='listed/').delete()
found['left'] = len(list(bucket.objects.filter(Prefix='listed/')))
print(json.dumps(found))
`;

t.test('boto3', async (t) => {
  const { bucket, large, content, env, made } = await startClient(t);
  const there = await run('python3', ['-c', 'import boto3'], env);
  if (there.status !== 0) return t.plan(0, `no boto3: ${there.stderr.trim().split('\n').at(-1)}`);
  const { status, stdout, stderr } = await run('python3', ['-c', script, bucket, large], env);
  t.equal(status, 0, stderr);
  t.match(JSON.parse(stdout), {
    buckets: [bucket],
    listed: ['listed/0', 'listed/1', 'listed/2'],
    all: true,
    etag: /^"[0-9a-f]{32}-3"$/,
    large: createHash('md5').update(content).digest('hex'),
    pending: ['parts'],
    parts: [1],
    functions: ['agentkeys-ses-routing'],
    left: 0,
  });
  made('s3:ListBuckets', 's3:ListObjects', 's3:ListParts', 's3:ListMultipartUploads', 's3:AbortMultipartUpload');
});
