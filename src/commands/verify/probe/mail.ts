/**
 * A live probe of routing: a message for a wallet must be copied to it, byte for byte; one for magic-link login must stay,
 * whatever its `To:` says.
 */
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { INBOUND_PREFIX, routedKey } from '../../../../handler/mail/address.js';
import { explain, nameOf, statusOf } from '../../../aws/errors.js';
import { ownCommand } from '../../../aws/own-command.js';
import { NotYet, until, WaitDeadlineError } from '../../../aws/waits.js';
import type { Scope } from '../../../stack/scope.js';
import { type Check, fail, ok, skip } from '../check.js';
import { newProbe, type ProbeObjects } from './cleanup.js';
import { probeMessage } from './message.js';
import { notRetried, type RetryProbe, retried, sendEvent } from './retries.js';

export interface ProbeOptions {
  /** How long to wait for the copy, milliseconds. */
  timeout: number;
  /** The retry queue. */
  retries: RetryProbe;
  /** Called at each poll with the time waited so far, milliseconds. */
  onWaiting(elapsed: number): void;
}

/** The longest pause between two polls, milliseconds: the precision of the reported latency. */
const longestPause = 1_000;

const routed = 'a message for a wallet is routed, byte for byte';
const stays = 'login mail stays in inbound/, also with a forged To:';

const redeploy = ownCommand('deploy');
const late =
  "check the function's log. EventBridge starts to deliver about five minutes after it is turned on: if it was turned on just now, run this again";

const byEvent: Words = { name: routed, late };

/** @throws the SDK's errors; AbortError when the signal is aborted. */
export async function mailChecks(scope: Scope, objects: ProbeObjects, options: ProbeOptions): Promise<Check[]> {
  const { settings, identity, clock } = scope;
  const { id, wallet } = newProbe();
  const domain = settings.mailDomain ?? 'agentkeys-ses-routing.invalid';
  const to = `${settings.prefixes[0]}-${wallet}-${Math.floor(clock.now() / 1_000)}@${domain}`;
  const put = async (messageId: string, recipient: string): Promise<Mail> => {
    const date = new Date(clock.now());
    const bytes = probeMessage({ recipient, to, messageId, region: identity.region, date });
    const key = `${INBOUND_PREFIX}${messageId}`;
    const copy = routedKey(wallet, messageId);
    await objects.put(key, bytes);
    objects.expect(copy);
    return { key, bytes, copy };
  };
  const login = await put(`${id}-login`, `${id}@${domain}`);
  const signup = await put(`${id}-signup`, to);
  const routing = await isRouted(signup, scope, objects, options);
  const again = await isRetried(signup, routing, scope, objects, options);
  // An operator who may not invoke the function still gets the first result.
  const stayed = await itStays(login, scope, objects).catch((error) => {
    if (statusOf(error) !== 403) throw error;
    return skip(stays, explain(error, settings.endpointUrl));
  });
  return [routing, stayed, again];
}

/** A probe message. */
interface Mail {
  key: string;
  bytes: Buffer;
  /** The key of its routed copy. */
  copy: string;
}

/** Whether a message is routed: the words for the result. */
interface Words {
  name: string;
  late: string;
}

async function isRouted(
  { bytes, copy }: Mail,
  scope: Scope,
  objects: ProbeObjects,
  { timeout, onWaiting }: ProbeOptions,
  { name, late }: Words = byEvent,
): Promise<Check> {
  const { clock, signal } = scope;
  const started = clock.now();
  const elapsed = () => clock.now() - started;
  try {
    const wait = { clock, signal, deadline: timeout, longestPause, onWaiting: () => {} };
    const arrived = await until(wait, async () => {
      onWaiting(elapsed());
      return (await objectAt(copy, scope)) ?? new NotYet('the routed copy');
    });
    objects.found(copy, arrived);
    if (arrived.bytes.equals(bytes)) return ok(name, `${(elapsed() / 1_000).toFixed(1)} s after it was put`);
    return fail(name, `the copy differs: ${arrived.bytes.length} bytes, not ${bytes.length}`, redeploy);
  } catch (error) {
    if (!(error instanceof WaitDeadlineError)) throw error;
    return fail(name, `no copy appeared within ${Math.round(timeout / 1_000)} s`, late);
  }
}

/** Deletes the copy of a message that was routed, then puts its event into the queue: only the queue can bring the copy back. */
async function isRetried(
  mail: Mail,
  routing: Check,
  scope: Scope,
  objects: ProbeObjects,
  options: ProbeOptions,
): Promise<Check> {
  const { retries } = options;
  if ('skip' in retries) return skip(retried, retries.skip);
  if (routing.outcome !== 'OK') return skip(retried, 'the message was not routed before');
  await objects.removeCopy(mail.copy);
  const refused = await sendEvent(eventFor(mail.key, scope), retries.url, scope);
  return refused ?? isRouted(mail, scope, objects, options, { name: retried, late: notRetried });
}

/** What EventBridge sends for a new object; the function needs no more of it. */
function eventFor(key: string, { names }: Scope): object {
  return {
    source: 'aws.s3',
    'detail-type': 'Object Created',
    detail: { bucket: { name: names.bucket }, object: { key } },
  };
}

/** Invokes the function directly, so that it has surely handled the message, then reads the bucket. */
async function itStays({ key, bytes, copy }: Mail, scope: Scope, objects: ProbeObjects): Promise<Check> {
  const { aws, names } = scope;
  const input = { FunctionName: names.functionName, Payload: JSON.stringify(eventFor(key, scope)) };
  const { FunctionError, Payload } = await aws.lambda.send(new InvokeCommand(input));
  const [moved, left] = await Promise.all([objectAt(copy, scope), objectAt(key, scope)]);
  if (moved !== undefined) {
    objects.found(copy, moved);
    return fail(stays, 'it was copied to a wallet', redeploy);
  }
  if (left?.bytes.equals(bytes) !== true) return fail(stays, 'it is no longer in inbound/', redeploy);
  if (FunctionError !== undefined)
    return fail(stays, 'the function failed on it', `check its log: ${names.logGroupName}`);
  const { outcome, reason } = responseOf(Buffer.from(Payload ?? []).toString());
  return outcome === 'skipped'
    ? ok(stays, reason)
    : fail(stays, "the function's response is not this router's: its code was replaced", redeploy);
}

/** The function's response, see handler/handler.ts; empty if other code answered. */
function responseOf(text: string): { outcome?: string; reason?: string } {
  try {
    return { ...JSON.parse(text) };
  } catch {
    return {};
  }
}

async function objectAt(Key: string, { aws, names: { bucket }, identity }: Scope) {
  const input = { Bucket: bucket, Key, ExpectedBucketOwner: identity.account };
  try {
    const { Body, VersionId } = await aws.s3.send(new GetObjectCommand(input));
    return { bytes: await buffer(Body as Readable), versionId: VersionId };
  } catch (error) {
    if (nameOf(error) === 'NoSuchKey') return undefined;
    throw error;
  }
}
