/**
 * How the commands communicate with the operator. Library code returns values, commands talk to a host, and only the host draws.
 */
/** The meaning of a text; the terminal chooses its colour. */
export type Tone = 'good' | 'change' | 'bad' | 'ownership' | 'quiet' | 'notice';

/** Colours a text; returns it unchanged without colours. */
export type Paint = (text: string, tone: Tone) => string;

/** The display of a long-running step. */
export interface Step {
  /** Shows what the step is waiting for. */
  waiting(what: string): void;
  /**
   * Reports progress. May be called at any rate: it is drawn a few times a second on a terminal, and printed every few seconds
   * otherwise.
   */
  progress(describe: () => string): void;
  done(): void;
  /** The resource has changed, and is read again. */
  again(): void;
  failed(): void;
  /** There was nothing to do, or no way to do it; the result says which. */
  skipped(): void;
}

/** Takes part in nothing: for work whose progress is not shown. */
export const silentStep: Step = { waiting() {}, progress() {}, done() {}, again() {}, failed() {}, skipped() {} };

/** A terminal's alternate screen, drawn again and again. What was on the terminal before comes back when it is closed. */
export interface Screen {
  /** How many lines fit. */
  readonly rows: number;
  /** Replaces what is on it. Lines that are too long, and those that do not fit, are cut. */
  draw(lines: string[]): void;
  close(): void;
}

export interface Host {
  /** A line of the result, to stdout. */
  print(line: string): void;
  /** Information, to stderr; suppressed by --quiet. */
  note(line: string): void;
  /** A warning or an error, to stderr. */
  warn(line: string): void;
  /**
   * Starts a step; its progress is suppressed by --quiet.
   *
   * @param options.brief a step that is usually over at once: it leaves no line behind, and without a terminal it is mentioned only if it
   *   takes seconds.
   */
  step(title: string, options?: { brief?: boolean }): Step;
  /**
   * Asks a yes/no question; the default is no.
   *
   * @returns undefined if there is no way to ask (no terminal, --json).
   */
  confirm(question: string): Promise<boolean | undefined>;
  /**
   * Reads a secret: typed at a prompt without echo on a terminal, else all of stdin.
   *
   * @param most bytes; of a longer one, no more is read than shows that it is longer.
   */
  readSecret(prompt: string, most: number): Promise<Uint8Array>;
  /** Writes bytes to stdout as they are. */
  write(bytes: Uint8Array): void;
  /** Whether stdout is a terminal. */
  onTerminal: boolean;
  /** Whether stdout is a terminal that shows more than US-ASCII. */
  unicode: boolean;
  /**
   * Asks for a text, such as a code.
   *
   * @returns the answer without spaces around it; undefined if there is no way to ask, or at the end of input.
   */
  ask(question: string): Promise<string | undefined>;
  /** @returns undefined if stdout is no terminal that can do that. */
  openScreen(): Screen | undefined;
  paint: Paint;
  /** Columns. */
  width: number;
  /** Aborted by Ctrl-C. */
  signal: AbortSignal;
}
