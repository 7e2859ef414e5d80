/**
 * How the commands speak to whoever runs them. Library code returns values; a command speaks to a host; only a host draws.
 */
/** What a line is about; a terminal chooses the colour. */
export type Tone = 'good' | 'change' | 'bad' | 'ownership' | 'quiet' | 'notice';

/** Colours a text; the identity where there are no colours. */
export type Paint = (text: string, tone: Tone) => string;

/** A piece of work that takes a while. */
export interface Step {
  /** Says what AWS is being waited for. */
  waiting(what: string): void;
  /**
   * Says how far it has come. May be called as often as one likes: it is drawn a few times a second at a terminal, and told now and then
   * in plain lines.
   */
  progress(describe: () => string): void;
  done(): void;
  /** It was not as expected, and is looked at again. */
  again(): void;
  failed(): void;
}

export interface Host {
  /** A line of the result, to stdout. */
  print(line: string): void;
  /** A line about the work, to stderr; not with --quiet. */
  note(line: string): void;
  /** A line that must be seen, to stderr. */
  warn(line: string): void;
  /** Progress of a piece of work; not with --quiet. */
  step(title: string): Step;
  /**
   * Asks; the default is no.
   *
   * @returns undefined where there is nobody to ask (no terminal, --json).
   */
  confirm(question: string): Promise<boolean | undefined>;
  paint: Paint;
  /** Columns. */
  width: number;
  /** Aborted by Ctrl-C. */
  signal: AbortSignal;
}
