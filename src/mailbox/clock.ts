/**
 * How far S3's clock is from this machine's. A message's time is S3's, the caller's `since` is this machine's.
 */

/**
 * S3's clock, as the `Date` header of its answers shows it (RFC 9110 §6.6.1), to the second.
 *
 * An answer was written between the moment its request was sent and the moment it was received. So each answer gives the earliest and the
 * latest that S3's clock can be ahead by, and several answers narrow it down.
 */
export class S3Clock {
  #earliest = Number.NEGATIVE_INFINITY;
  #latest = Number.POSITIVE_INFINITY;

  /** @param now this machine's clock, milliseconds since 1970. */
  constructor(readonly now: () => number) {}

  /**
   * Takes note of an answer.
   *
   * @param sent when its request was sent, by this machine's clock.
   * @param header its `Date` header; an answer without one says nothing.
   */
  observe(sent: number, header: string | undefined): void {
    const date = Date.parse(header ?? '');
    if (Number.isNaN(date)) return;
    const earliest = date - this.now();
    const latest = date + 1_000 - sent;
    const agrees = earliest <= this.#latest && latest >= this.#earliest;
    // One of the clocks was set: what was known before is wrong.
    this.#earliest = agrees ? Math.max(earliest, this.#earliest) : earliest;
    this.#latest = agrees ? Math.min(latest, this.#latest) : latest;
  }

  /**
   * How far S3's clock is ahead, milliseconds. 0 while the answers allow that the clocks agree; else the earliest, which is up to a second and
   * the time of the fastest answer too early: a message too many is better than one too few.
   */
  get ahead(): number {
    return this.#earliest <= 0 && this.#latest >= 0 ? 0 : this.#earliest;
  }
}

/** A step of the SDK's, as far as it is used here. https://github.com/smithy-lang/smithy-typescript, `DeserializeMiddleware` */
type Handler = (args: object) => Promise<{ response: unknown }>;

interface Stack {
  add(middleware: (next: Handler) => Handler, options: { step: 'deserialize'; name: string }): void;
}

/** Makes a command report S3's time. The middleware is the command's own: the caller's client is not changed. */
export function timed<Command extends { middlewareStack: object }>(
  command: Command,
  clock: S3Clock | undefined,
): Command {
  if (clock === undefined) return command;
  const observed = (next: Handler): Handler => {
    return async (args) => {
      const sent = clock.now();
      const result = await next(args);
      const { headers } = result.response as { headers: Record<string, string> };
      clock.observe(sent, headers.date);
      return result;
    };
  };
  (command.middlewareStack as Stack).add(observed, { step: 'deserialize', name: 'agentkeysSesRoutingClock' });
  return command;
}
