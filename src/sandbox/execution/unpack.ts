/**
 * Unpacks the functions' code: one temporary folder per zip, all removed when the embedded AWS closes.
 */
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fromBufferPromise } from 'yauzl';
import type { FunctionState } from '../account/state.js';
import { lambdaRefusal } from '../services/lambda/common.js';

async function unpack(zip: Buffer, folder: string): Promise<void> {
  const archive = await fromBufferPromise(zip);
  // yauzl rejects names that lead out of the folder.
  for await (const entry of archive.eachEntry()) {
    if (entry.fileName.endsWith('/')) continue;
    const path = join(folder, entry.fileName);
    await mkdir(dirname(path), { recursive: true });
    await pipeline(await archive.openReadStreamPromise(entry), createWriteStream(path));
  }
}

export class TaskRoots {
  readonly #roots = new Map<string, { folder: string; ready: Promise<void> }>();

  /**
   * The folder with a function's code; two functions of the same code share it.
   * @throws {AwsRefusal} InvalidZipFileException
   */
  async of({ name, zip, codeSha256 }: Pick<FunctionState, 'name' | 'zip' | 'codeSha256'>): Promise<string> {
    const root = this.#roots.get(codeSha256) ?? this.#make(zip);
    this.#roots.set(codeSha256, root);
    await root.ready.catch((cause) => {
      throw lambdaRefusal('InvalidZipFileException', `Lambda could not unzip the code of ${name}: ${cause}`, 502);
    });
    return root.folder;
  }

  #make(zip: Buffer) {
    const folder = mkdtempSync(join(tmpdir(), 'agentkeys-ses-routing-'));
    return { folder, ready: unpack(zip, folder) };
  }

  /** Removes all of them; one that is still being unpacked, right after that. */
  async remove(): Promise<void> {
    for (const { folder, ready } of this.#roots.values()) {
      await ready.catch(() => {});
      rmSync(folder, { recursive: true, force: true });
    }
  }
}
