/**
 * A header field, as the mailbox hands it out.
 */

/** One header field. */
export interface MailHeader {
  name: string;
  /** Unfolded, otherwise as it was sent. */
  value: string;
}
