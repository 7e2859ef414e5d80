/**
 * The objects that a probe puts into the bucket, and their deletion: also after Ctrl-C, and of a run killed an hour ago or earlier.
 */
import { createHash, randomBytes } from 'node:crypto';
import { DeleteObjectCommand, HeadObjectCommand, PutObjectCommand, paginateListObjectsV2 } from '@aws-sdk/client-s3';
import { INBOUND_PREFIX, routedPrefix } from '../../../../handler/mail/address.js';
import { statusOf } from '../../../aws/errors.js';
import type { Scope } from '../../../stack/scope.js';

/** The prefix of the names of all probe objects. */
export const probePrefix = 'agentkeys-ses-routing-probe-';

/** Probe objects older than this were left by a killed run; milliseconds. A run takes minutes. */
const forgottenAfter = 60 * 60 * 1_000;

/** A probe's name, and an unused wallet derived from it, so that a later run can find the copies by the name. */
export function newProbe(): { id: string; wallet: string } {
  const id = `${probePrefix}${randomBytes(8).toString('hex')}`;
  return { id, wallet: walletOf(id) };
}

function walletOf(id: string): string {
  return `0x${createHash('sha256').update(id).digest('hex').slice(0, 40)}`;
}

/** A probe object as it was last seen; with its version in a versioned bucket, so that no version is left. */
interface ProbeObject {
  key: string;
  /** Absent if it is unknown whether it exists. */
  seen?: { versionId: string | undefined } | undefined;
}

export class ProbeObjects {
  readonly #objects: ProbeObject[] = [];
  constructor(readonly scope: Pick<Scope, 'aws' | 'names' | 'identity' | 'clock'>) {}

  get none(): boolean {
    return this.#objects.length === 0;
  }

  /** Puts an object, to be deleted at the end. @throws the SDK's errors */
  async put(Key: string, Body: Buffer): Promise<void> {
    // Recorded first: the response may be lost after the object was stored.
    const object: ProbeObject = { key: Key };
    this.#objects.push(object);
    const command = new PutObjectCommand({ ...this.#bucket, Key, Body });
    const { VersionId } = await this.scope.aws.s3.send(command).catch((error) => {
      // Nothing was stored, and the caller may lack permission to delete it.
      if (statusOf(error) === 403) this.#objects.pop();
      throw error;
    });
    object.seen = { versionId: VersionId };
  }

  /** A copy that may appear at any time, to be deleted too. */
  expect(key: string): void {
    this.#objects.push({ key });
  }

  /** Records that the copy appeared. */
  found(key: string, seen: ProbeObject['seen']): void {
    for (const object of this.#objects) if (object.key === key) object.seen = seen;
  }

  /** Deletes a copy that may appear again. @throws the SDK's errors */
  async removeCopy(key: string): Promise<void> {
    for (const object of this.#objects.filter((one) => one.key === key)) {
      await this.#delete(key, object.seen);
      object.seen = undefined;
    }
  }

  /**
   * Deletes everything, the messages before their copies, so that no new copies are made. Not to be interrupted.
   *
   * @returns the objects that could not be deleted, with the errors.
   */
  async remove(): Promise<Array<{ key: string; error: unknown }>> {
    const left: Array<{ key: string; error: unknown }> = [];
    const isMessage = ({ key }: ProbeObject) => key.startsWith(INBOUND_PREFIX);
    const inOrder = [...this.#objects.filter(isMessage), ...this.#objects.filter((object) => !isMessage(object))];
    for (const { key, seen } of inOrder) await this.#delete(key, seen).catch((error) => left.push({ key, error }));
    this.#objects.length = 0;
    return left;
  }

  /** In a versioned bucket, deleting a missing object, or without a version, would leave a delete marker. */
  async #delete(Key: string, seen: ProbeObject['seen']): Promise<void> {
    const { s3 } = this.scope.aws;
    const there = seen ?? (await this.#seen(Key));
    if (there === undefined) return;
    await s3.send(new DeleteObjectCommand({ ...this.#bucket, Key, VersionId: there.versionId }));
  }

  async #seen(Key: string): Promise<ProbeObject['seen']> {
    try {
      const { VersionId } = await this.scope.aws.s3.send(new HeadObjectCommand({ ...this.#bucket, Key }));
      return { versionId: VersionId };
    } catch (error) {
      if (statusOf(error) === 404) return undefined;
      // The caller may lack permission to read but have permission to delete.
      return { versionId: undefined };
    }
  }

  /** Adds what killed runs left, to be deleted too. @throws the SDK's errors */
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
