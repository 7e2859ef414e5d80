/**
 * Reading a secret from a terminal without echo, or from a pipe.
 */

/** stdin, as far as secrets are read from it. */
export type SecretInput = NodeJS.ReadableStream & {
  isTTY?: boolean;
  /** A terminal's: without raw mode, it shows what is typed. https://nodejs.org/api/tty.html#readstreamsetrawmodemode */
  setRawMode?(mode: boolean): unknown;
};

/** Hands each chunk to `take` until that returns true, or the input ends. The chunks are wiped. */
function consume(stdin: SecretInput, signal: AbortSignal, take: (chunk: Buffer) => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (finish: () => void) => {
      stdin.pause();
      stdin.off('data', onData).off('end', onEnd).off('error', onError);
      signal.removeEventListener('abort', onAbort);
      finish();
    };
    const onData = (data: Buffer | string) => {
      const chunk = Buffer.from(data);
      try {
        if (take(chunk)) settle(resolve);
      } catch (error) {
        settle(() => reject(error));
      }
      chunk.fill(0);
      if (typeof data !== 'string') data.fill(0);
    };
    const onEnd = () => settle(resolve);
    const onError = (error: Error) => settle(() => reject(error));
    const onAbort = () => settle(() => reject(signal.reason));
    if (signal.aborted) return reject(signal.reason);
    signal.addEventListener('abort', onAbort);
    stdin.on('data', onData).on('end', onEnd).on('error', onError).resume();
  });
}

/** Bytes that are collected in one place, which is wiped. */
class Secret {
  readonly #bytes: Uint8Array;
  #length = 0;

  /** @param most bytes; one more is kept, to show that there are more. */
  constructor(most: number) {
    this.#bytes = new Uint8Array(most + 1);
  }

  get full(): boolean {
    return this.#length === this.#bytes.length;
  }

  add(byte: number): void {
    if (!this.full) this.#bytes[this.#length++] = byte;
  }

  /** Deletes the last character of UTF-8. */
  deleteCharacter(): void {
    while (this.#length > 0) {
      this.#length -= 1;
      // 10xxxxxx continues a character: https://www.rfc-editor.org/rfc/rfc3629#section-3
      if ((Number(this.#bytes[this.#length]) & 0xc0) !== 0x80) return;
    }
  }

  clear(): void {
    this.#length = 0;
  }

  take(): Uint8Array {
    const taken = this.#bytes.slice(0, this.#length);
    this.#bytes.fill(0);
    return taken;
  }
}

/** Reads all of stdin. @param most bytes; of a longer input, one byte more is returned */
export async function readPiped(stdin: SecretInput, most: number, signal: AbortSignal): Promise<Uint8Array> {
  const secret = new Secret(most);
  await consume(stdin, signal, (chunk) => {
    for (const byte of chunk) secret.add(byte);
    return secret.full;
  });
  return secret.take();
}

const KEY = {
  interrupt: 0x03,
  endOfInput: 0x04,
  backspace: 0x08,
  newLine: 0x0a,
  enter: 0x0d,
  clear: 0x15,
  delete: 0x7f,
};

/** Reads a line from a terminal without echo, with the keys that the terminal's own line editing has. */
export async function readTyped(stdin: SecretInput, most: number, signal: AbortSignal): Promise<Uint8Array> {
  const secret = new Secret(most);
  stdin.setRawMode?.(true);
  try {
    await consume(stdin, signal, (chunk) => {
      for (const byte of chunk) {
        if (byte === KEY.enter || byte === KEY.newLine || byte === KEY.endOfInput) return true;
        // In raw mode, Ctrl-C is a byte and no signal.
        if (byte === KEY.interrupt) throw new DOMException('Interrupted', 'AbortError');
        if (byte === KEY.backspace || byte === KEY.delete) secret.deleteCharacter();
        else if (byte === KEY.clear) secret.clear();
        else if (byte >= 0x20) secret.add(byte);
      }
      return false;
    });
    return secret.take();
  } finally {
    stdin.setRawMode?.(false);
  }
}
