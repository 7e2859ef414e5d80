/**
 * A live probe of the mail's way: a message for a wallet must be copied to it, byte for byte; one of magic-link login must stay,
 * whatever its `To:` says.
 */
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { INBOUND_PREFIX, routedKey } from '../../../../handler/mail/address.js';
import { explain, nameOf, statusOf } from '../../../aws/errors.js';
import { NotYet, until, WaitDeadlineError } from '../../../aws/waits.js';
import type { Scope } from '../../../stack/scope.js';
import { type Check, ng, ok, skip } from '../check.js';
import { newProbe, type Traces } from './cleanup.js';
import { probeMessage } from './message.js';

export interface ProbeOptions {
  /** How long the copy is waited for, milliseconds. */
  timeout: number;
  /** Told at each look how long it has been, milliseconds. */
  onWaiting(elapsed: number): void;
}

/** How long to pause between two looks at most, milliseconds: the latency is told by them. */
const longestPause = 1_000;

const routed = 'a message for a wallet is routed, byte for byte';
const stays = 'login mail stays where it is, also with a forged To:';

const redeploy = 'npx agentkeys-ses-routing deploy';
const late =
  "see the function's log. EventBridge begins to deliver about five minutes after it was turned on: if that is less ago, run this again";

/** @throws the SDK's errors; AbortError when the signal is aborted. */
export async function mailChecks(scope: Scope, traces: Traces, options: ProbeOptions): Promise<Check[]> {
  const { settings, identity, clock } = scope;
  const { id, wallet } = newProbe();
  const domain = settings.mailDomain ?? 'agentkeys-ses-routing.invalid';
  const to = `${settings.prefixes[0]}-${wallet}-${Math.floor(clock.now() / 1_000)}@${domain}`;
  const put = async (messageId: string, recipient: string): Promise<Mail> => {
    const date = new Date(clock.now());
    const bytes = probeMessage({ recipient, to, messageId, region: identity.region, date });
    const key = `${INBOUND_PREFIX}${messageId}`;
    const copy = routedKey(wallet, messageId);
    await traces.put(key, bytes);
    traces.expect(copy);
    return { key, bytes, copy };
  };
  const login = await put(`${id}-login`, `${id}@${domain}`);
  const signup = await put(`${id}-signup`, to);
  const way = await isRouted(signup, scope, traces, options);
  // Who may not invoke the function is still told what became of the mail.
  const stayed = await itStays(login, scope, traces).catch((error) => {
    if (statusOf(error) !== 403) throw error;
    return skip(stays, explain(error, settings.endpointUrl));
  });
  return [way, stayed];
}

/** A message as it was put. */
interface Mail {
  key: string;
  bytes: Buffer;
  /** Where it would be routed to. */
  copy: string;
}

async function isRouted(
  { bytes, copy }: Mail,
  scope: Scope,
  traces: Traces,
  { timeout, onWaiting }: ProbeOptions,
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
    traces.found(copy, arrived);
    if (arrived.bytes.equals(bytes)) return ok(routed, `${(elapsed() / 1_000).toFixed(1)} s after it was put`);
    return ng(routed, `the copy is another: ${arrived.bytes.length} bytes, not ${bytes.length}`, redeploy);
  } catch (error) {
    if (!(error instanceof WaitDeadlineError)) throw error;
    return ng(routed, `no copy came within ${Math.round(timeout / 1_000)} s`, late);
  }
}

/** The function is asked directly, so that it has surely seen the message; then the bucket is looked at. */
async function itStays({ key, bytes, copy }: Mail, scope: Scope, traces: Traces): Promise<Check> {
  const { aws, names } = scope;
  const event = {
    source: 'aws.s3',
    'detail-type': 'Object Created',
    detail: { bucket: { name: names.bucket }, object: { key } },
  };
  const input = { FunctionName: names.functionName, Payload: JSON.stringify(event) };
  const { FunctionError, Payload } = await aws.lambda.send(new InvokeCommand(input));
  const [moved, left] = await Promise.all([objectAt(copy, scope), objectAt(key, scope)]);
  if (moved !== undefined) {
    traces.found(copy, moved);
    return ng(stays, 'it was copied to a wallet', redeploy);
  }
  if (left?.bytes.equals(bytes) !== true) return ng(stays, 'it is no longer in inbound/', redeploy);
  if (FunctionError !== undefined) return ng(stays, 'the function failed on it', `see its log: ${names.logGroupName}`);
  const { outcome, reason } = answered(Buffer.from(Payload ?? []).toString());
  return outcome === 'skipped'
    ? ok(stays, reason)
    : ng(stays, "the function's answer is not that of this router: its code is another", redeploy);
}

/** What the function answers, see handler/handler.ts; nothing where it is somebody else's. */
function answered(text: string): { outcome?: string; reason?: string } {
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
