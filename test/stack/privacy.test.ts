/**
 * What senders write stays where they wrote it. Every place that a message, an event or an answer of S3's has for text holds a canary
 * here, and nothing that the deployed function writes, raises or answers may sing: its whole log with Lambda's own lines in it, and the
 * answers to its invocations.
 */
import {
  GetFunctionConfigurationCommand,
  InvokeCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import t from 'tap';
import type { Fault } from '../../src/sandbox/index.js';
import { type Operator, startOperator } from '../support/operator.js';

const FunctionName = 'agentkeys-ses-routing';
const wallet = `0x${'1'.repeat(40)}`;
const address = `or-${wallet}-424242424242@bots.litentry.org`;

/** A canary as it is, and as base64 and quoted-printable have it, by whichever of its letters they begin. */
const sings = /canary|=63=61=6e|Y2FuYXJ5|NhbmFye|jYW5hcn|42424242/i;

const trace = (recipient: string, helo = 'canary-helo.example.com') =>
  `Return-Path: <canary-return@example.com>\r\nReceived: from ${helo} (canary-rdns.example.com [192.0.2.1])\r\n by inbound-smtp.us-east-1.amazonaws.com with SMTP id abc\r\n${recipient === '' ? '' : ` for ${recipient}`};\r\n Thu, 28 Aug 2025 19:24:08 +0000 (UTC)\r\n`;
const rest = `From: Canary Sender <canary-from@example.com>
Reply-To: canary-reply@example.com
Subject: canary subject =?utf-8?B?Y2FuYXJ5?= 424242424242
Message-ID: <canary-id@example.com>
X-Canary: canary header
X-Ses-Virus-Verdict: CANARY
List-Unsubscribe: <https://example.com/canary>
DKIM-Signature: v=1; d=canary.example.com; b=Y2FuYXJ5
Not a canary field at all
: canary without a name

Dear Canary, your code is 424242424242: https://example.com/login?token=canary
`.replaceAll('\n', '\r\n');

/** Every way that a message can go, and the outcome that shows it went there. */
const mails: Record<string, [raw: string | Buffer, outcome: string]> = {
  'routed by SES’s word': [`${trace(address)}To: canary-to@example.com\r\n${rest}`, 'routed'],
  'routed by the headers': [
    `${trace('')}To: "Canary, a quoted" <${address}>, canary-to@example.com (canary comment)\r\nCc: Canary group: canary-cc@example.com;\r\nDelivered-To: canary@example.com\r\nX-Original-To: "canary local"@example.com\r\n${rest}`,
    'routed',
  ],
  'for another recipient': [
    `${trace('canary-login@bots.litentry.org')}To: ${address}\r\n${rest}`,
    'not-a-routed-address',
  ],
  'for a wallet elsewhere': [
    `${trace(`or-${wallet}-1@canary.example.com`)}To: ${address}\r\n${rest}`,
    'not-a-routed-address',
  ],
  'a quoted local part': [`${trace('"canary; for me@x"@example.com')}${rest}`, 'not-a-routed-address'],
  'no recipient': [`${trace('')}${rest}`, 'no-recipient-found'],
  'a HELO that says more than a name': [
    `${trace('canary@example.com', 'canary by inbound-smtp.us-east-1.amazonaws.com with SMTP id canary for canary')}${rest}`,
    'not-a-routed-address',
  ],
  'a header without end': [`${trace('')}X-Canary: ${'canary '.repeat(10_000)}`, 'header-too-long'],
  'no mail': [Buffer.from(`canary\0\xff\r\r\n\r\ncanary ${'canary\n'.repeat(100)}`, 'latin1'), 'no-recipient-found'],
};

/** S3's answers with canaries in every text of theirs, and where the function then ends. */
const answers: Record<string, [operation: string, fault: Fault]> = {
  'a denial': ['GetObject', { kind: 'refuse', code: 'AccessDenied', message: 'User: canary is not', status: 403 }],
  'an error that repeats the request': [
    'CopyObject',
    { kind: 'refuse', code: 'InvalidArgument', message: 'Copy Source must mention the canary', status: 400 },
  ],
  'a code of its own': ['GetObject', { kind: 'refuse', code: 'Canary code', message: 'canary', status: 400 }],
  'an error inside a 200': ['CopyObject', { kind: 'error-in-200', code: 'InternalError', message: 'canary' }],
  'a page': ['CopyObject', { kind: 'answer', status: 502, body: '<html><title>canary</title>canary</html>' }],
  'no XML': ['CopyObject', { kind: 'answer', status: 400, body: 'canary & <canary' }],
  'a page where a copy should be': ['CopyObject', { kind: 'answer', status: 200, body: '<html>canary &canary;</html' }],
  'a body that breaks off': ['GetObject', { kind: 'cut', bytes: 700 }],
  'no answer at all': ['CopyObject', { kind: 'hang' }],
};

/** Payloads that are no event of the rule's. */
const payloads: Record<string, unknown> = {
  text: 'canary',
  list: ['canary', { canary: 'canary' }],
  'an S3 notification': { Records: [{ eventSource: 'canary', s3: { object: { key: 'inbound/canary' } } }] },
  'another source': { source: 'canary', 'detail-type': 'canary', detail: { bucket: { name: 'canary' } } },
  'another detail type': { source: 'aws.s3', 'detail-type': 'canary' },
  'another bucket': { source: 'aws.s3', 'detail-type': 'Object Created', detail: { bucket: { name: 'canary' } } },
};

const eventFor = (bucket: string, key: unknown) => ({
  version: 'canary',
  id: 'canary',
  'detail-type': 'Object Created',
  source: 'aws.s3',
  account: 'canary',
  time: 'canary',
  region: 'canary',
  resources: ['canary'],
  canary: { canary: 'canary' },
  detail: {
    version: 'canary',
    bucket: { name: bucket, canary: 'canary' },
    object: { key, size: 'canary', etag: 'canary', 'version-id': 'canary', sequencer: 'canary', canary: 'canary' },
    'request-id': 'canary',
    requester: 'canary',
    'source-ip-address': 'canary',
    reason: 'canary',
  },
});

/** Invokes the function. @returns all that the invoker sees */
async function invoke({ aws }: Operator, payload: unknown) {
  const answer = await aws.lambda.send(
    new InvokeCommand({ FunctionName, LogType: 'Tail', Payload: Buffer.from(JSON.stringify(payload)) }),
  );
  const log = Buffer.from(String(answer.LogResult), 'base64').toString();
  return { error: answer.FunctionError, payload: String(answer.Payload?.transformToString()), log };
}

async function put({ aws, bucket }: Operator, key: string, body: string | Buffer, more: Record<string, string> = {}) {
  const Metadata = { canary: 'canary', subject: 'canary', ...more };
  const described = { ContentType: 'text/canary', ContentDisposition: 'canary', Tagging: 'canary=canary' };
  await aws.s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, Metadata, ...described }));
}

async function configure({ aws }: Operator, changes: Record<string, string>, Timeout: number) {
  const { Environment } = await aws.lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
  const Variables = { ...Environment?.Variables, ...changes };
  await aws.lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Timeout, Environment: { Variables } }));
}

function wholeLog({ sandbox }: Operator): string {
  const streams = [...sandbox.state.logs.groups.values()].flatMap((group) => [...group.streams.values()]);
  return streams.flatMap((stream) => stream.map(({ message }) => message)).join('');
}

for (const level of ['info', 'error']) {
  t.test(`at level ${level}`, async (t) => {
    const operator = await startOperator(t);
    const { sandbox, bucket } = operator;
    const { status, stderr } = await operator.run(['deploy', '--mail-domain', 'bots.litentry.org']);
    t.equal(status, 0, stderr);
    await configure(operator, { LOG_LEVEL: level }, 20);
    const quiet = (what: string, seen: { payload: string; log: string }) => {
      t.notMatch(seen.payload, sings, `${what}: the answer`);
      t.notMatch(seen.log, sings, `${what}: the log`);
    };

    await t.test('success and skip', async (t) => {
      for (const [name, [raw, outcome]] of Object.entries(mails)) {
        const key = `inbound/${name.replaceAll(/[^a-z]+/g, '-')}`;
        await put(operator, key, raw);
        await sandbox.settled();
        const seen = await invoke(operator, eventFor(bucket, key));
        quiet(name, seen);
        const { outcome: ended, reason } = JSON.parse(seen.payload);
        t.equal(reason === 'already-routed' ? 'routed' : (reason ?? ended), outcome, name);
      }
      await put(operator, 'inbound/encrypted', rest, { 'x-amz-key-v2': 'canary', 'x-amz-matdesc': 'canary' });
      await put(operator, 'inbound/empty', '');
      for (const key of ['inbound/encrypted', 'inbound/empty', 'inbound/nothing', 'elsewhere/x', 'inbound/'])
        quiet(key, await invoke(operator, eventFor(bucket, key)));
    });

    await t.test('failure and time-out', async (t) => {
      await put(operator, 'inbound/failing', `${trace(address)}${rest}`);
      await sandbox.settled();
      for (const [name, [operation, fault]] of Object.entries(answers)) {
        await configure(operator, {}, fault.kind === 'hang' ? 1 : 20);
        const release = sandbox.intercept((call) => (call.operation === operation ? fault : undefined));
        const seen = await invoke(operator, eventFor(bucket, 'inbound/failing'));
        release();
        quiet(name, seen);
        const { errorType, errorMessage } = JSON.parse(seen.payload);
        t.equal(errorType, fault.kind === 'hang' ? 'DeadlineError' : 'S3CallError', `${name}: ${errorMessage}`);
      }
    });

    await t.test('events of another kind', async (t) => {
      for (const [name, payload] of Object.entries(payloads)) {
        const seen = await invoke(operator, payload);
        quiet(name, seen);
        t.equal(JSON.parse(seen.payload).errorType, 'UnknownEventError', name);
      }
      for (const key of [`inbound/${'canary'.repeat(200)}`, '', 7, { canary: 'canary' }])
        quiet('a key that is none', await invoke(operator, eventFor(bucket, key)));
    });

    await t.test('a crash', async (t) => {
      await configure(operator, { ACCOUNT_ID: 'none' }, 20);
      const seen = await invoke(operator, eventFor(bucket, 'inbound/failing'));
      quiet('a function that does not start', seen);
      t.equal(JSON.parse(seen.payload).errorType, 'SettingsError');
    });

    const log = wholeLog(operator);
    t.notMatch(log, sings, 'the whole log');
    t.ok((log.match(/START RequestId/g)?.length ?? 0) > 30, 'of all these invocations');
  });
}
