/**
 * What a probe leaves in the bucket, and how it goes again: also after Ctrl-C, and what a killed run left an hour ago or earlier.
 */
import { createHash, randomBytes } from 'node:crypto';
import { DeleteObjectCommand, HeadObjectCommand, PutObjectCommand, paginateListObjectsV2 } from '@aws-sdk/client-s3';
import { INBOUND_PREFIX, routedPrefix } from '../../../../handler/mail/address.js';
import { statusOf } from '../../../aws/errors.js';
import type { Scope } from '../../../stack/scope.js';

/** What the names of all objects of a probe begin with. */
export const probePrefix = 'agentkeys-ses-routing-probe-';

/** From when on a probe's object is a killed run's; milliseconds. A run takes minutes. */
const forgottenAfter = 60 * 60 * 1_000;

/** A probe's name, and a wallet of nobody that follows from it: whoever finds the one finds what was put under the other. */
export function newProbe(): { id: string; wallet: string } {
  const id = `${probePrefix}${randomBytes(8).toString('hex')}`;
  return { id, wallet: walletOf(id) };
}

function walletOf(id: string): string {
  return `0x${createHash('sha256').update(id).digest('hex').slice(0, 40)}`;
}

/** An object of ours, as it was seen there; with its version where the bucket keeps versions, so that none is left. */
interface Trace {
  key: string;
  /** Absent for what may be there. */
  seen?: { versionId: string | undefined } | undefined;
}

export class Traces {
  readonly #traces: Trace[] = [];
  constructor(readonly scope: Pick<Scope, 'aws' | 'names' | 'identity' | 'clock'>) {}

  get none(): boolean {
    return this.#traces.length === 0;
  }

  /** Puts an object that is deleted again. @throws the SDK's errors */
  async put(Key: string, Body: Buffer): Promise<void> {
    // Noted first: an answer may be lost after the object was put.
    const trace: Trace = { key: Key };
    this.#traces.push(trace);
    const command = new PutObjectCommand({ ...this.#bucket, Key, Body });
    const { VersionId } = await this.scope.aws.s3.send(command).catch((error) => {
      // Whoever may not put it may not delete it either, and need not.
      if (statusOf(error) === 403) this.#traces.pop();
      throw error;
    });
    trace.seen = { versionId: VersionId };
  }

  /** Something may come of what was put, whenever it does: it goes again too. */
  expect(key: string): void {
    this.#traces.push({ key });
  }

  /** It came. */
  found(key: string, seen: Trace['seen']): void {
    for (const trace of this.#traces) if (trace.key === key) trace.seen = seen;
  }

  /**
   * Deletes everything again, the messages before the copies that could still be made of them. Not to be interrupted.
   *
   * @returns what could not be deleted, with the reason.
   */
  async remove(): Promise<Array<{ key: string; error: unknown }>> {
    const left: Array<{ key: string; error: unknown }> = [];
    const isMessage = ({ key }: Trace) => key.startsWith(INBOUND_PREFIX);
    const inOrder = [...this.#traces.filter(isMessage), ...this.#traces.filter((trace) => !isMessage(trace))];
    for (const { key, seen } of inOrder) await this.#delete(key, seen).catch((error) => left.push({ key, error }));
    this.#traces.length = 0;
    return left;
  }

  /** To delete what is not there, or not by its version, would leave a delete marker where the bucket keeps versions. */
  async #delete(Key: string, seen: Trace['seen']): Promise<void> {
    const { s3 } = this.scope.aws;
    const there = seen ?? (await this.#seen(Key));
    if (there === undefined) return;
    await s3.send(new DeleteObjectCommand({ ...this.#bucket, Key, VersionId: there.versionId }));
  }

  async #seen(Key: string): Promise<Trace['seen']> {
    try {
      const { VersionId } = await this.scope.aws.s3.send(new HeadObjectCommand({ ...this.#bucket, Key }));
      return { versionId: VersionId };
    } catch (error) {
      if (statusOf(error) === 404) return undefined;
      // Who may not look may still delete.
      return { versionId: undefined };
    }
  }

  /** Takes over what earlier runs left that were killed. @throws the SDK's errors */
  async takeOver(): Promise<void> {
    const { aws, clock } = this.scope;
    const input = { ...this.#bucket, Prefix: `${INBOUND_PREFIX}${probePrefix}` };
    for await (const { Contents = [] } of paginateListObjectsV2({ client: aws.s3 }, input))
      for (const { Key = '', LastModified } of Contents) {
        if (clock.now() - Number(LastModified) < forgottenAfter) continue;
        const messageId = Key.slice(INBOUND_PREFIX.length);
        // `<id>-signup` and the like.
        const id = messageId.replace(/-[a-z]+$/, '');
        this.expect(Key);
        this.expect(`${routedPrefix(walletOf(id))}${messageId}`);
      }
  }

  get #bucket() {
    const { names, identity } = this.scope;
    return { Bucket: names.bucket, ExpectedBucketOwner: identity.account };
  }
}
