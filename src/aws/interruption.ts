/**
 * Ctrl-C while nothing has been written: the calls under way end at once. After the first write, commands finish their current call, and
 * report what was done and what was not.
 */

/** Operations that change nothing. What is not known to be one counts as a write. */
const reading = /^(Get|Head|List|Describe|Simulate|AssumeRole|CheckNoNewAccess)/;

type Next = (args: object) => Promise<object>;

/** The part of the SDK's middleware stack that is used. */
interface MiddlewareStack {
  add(middleware: (next: Next, context: { commandName?: string }) => Next, options: object): void;
}

export class Interruption {
  #signal: AbortSignal | undefined;
  #wrote = false;

  /** Ends the calls under way. */
  readonly #ends = new Set<(reason: unknown) => void>();

  /** Starts a run that the signal interrupts. */
  begin(signal: AbortSignal): void {
    this.#signal = signal;
    this.#wrote = false;
    const interrupt = () => {
      if (this.#wrote || this.#signal !== signal) return;
      for (const end of this.#ends) end(signal.reason);
    };
    signal.addEventListener('abort', interrupt, { once: true });
  }

  /** Watches the calls of a client. */
  watch({ middlewareStack }: { middlewareStack: object }): void {
    // The stacks of different clients differ in their types only.
    (middlewareStack as MiddlewareStack).add(
      (next, { commandName = '' }) =>
        (args) =>
          this.#call(commandName, () => next(args)),
      { step: 'initialize', priority: 'high', name: 'interruption' },
    );
  }

  async #call(name: string, send: () => Promise<object>): Promise<object> {
    const signal = this.#signal;
    if (signal === undefined || this.#wrote) return send();
    signal.throwIfAborted();
    if (!reading.test(name)) {
      this.#wrote = true;
      return send();
    }
    return new Promise((resolve, reject) => {
      this.#ends.add(reject);
      send()
        .then(resolve, reject)
        .finally(() => this.#ends.delete(reject));
    });
  }
}
