/**
 * The schemas of `inbox list --json`, `inbox show --json` and `inbox wait --json`.
 */
import {
  constant,
  either,
  list,
  object,
  oneOfTexts,
  optional,
  type TypeOf,
  text,
  time,
  trueOrFalse,
  wholeNumber,
} from '../../schema/schema.js';

const version = constant(1, 'The version of this format.');
const id = text("SES's message ID.");
const arrived = time('When it was routed to the wallet.');
const from = text('The sender, decoded.');
const to = text('The recipients, decoded.');
const subject = text('The subject, decoded.');
const links = list(text('A link.'), 'The links in it: of href attributes first, then of the text.');
const verdicts = object(
  {
    spam: optional(text("SES's verdict on spam, such as PASS or FAIL.")),
    virus: optional(text("SES's verdict on viruses, such as PASS or FAIL.")),
  },
  "SES's verdicts; absent where it did not scan.",
);

const stored = { id, arrived, size: wholeNumber('The size of the stored message, in bytes.') };

export const inboxListSchema = object(
  {
    version,
    wallet: text('The wallet, in lower case.'),
    total: wholeNumber('The number of messages in its folder.'),
    messages: list(
      either(
        [
          object(
            { ...stored, readable: constant(true, 'It was read.'), from, to, subject, verdicts },
            'A message that was read.',
          ),
          object(
            { ...stored, readable: constant(false, 'It could not be read.') },
            'A message that could not be read.',
          ),
        ],
        'A message.',
      ),
      'The messages, newest first; at most --limit of them.',
    ),
  },
  'What inbox list --json prints.',
);

export type InboxListDocument = TypeOf<typeof inboxListSchema>;

export const inboxShowSchema = object(
  {
    version,
    id,
    arrived,
    from,
    to,
    subject,
    headers: list(
      object(
        { name: text("The field's name."), value: text('Its value, unfolded, otherwise as sent.') },
        'A header field.',
      ),
      'The header.',
    ),
    verdicts,
    text: text('The text; of a message with HTML only, the text that a reader sees.'),
    html: optional(text('The HTML, if it has any.')),
    links,
    truncated: trueOrFalse('Whether the message is longer than the part that was read.'),
  },
  'What inbox show --json prints.',
);

export type InboxShowDocument = TypeOf<typeof inboxShowSchema>;

const why = oneOfTexts(
  [
    'before-since',
    'gone',
    'empty',
    'unreadable',
    'spam',
    'virus',
    'to',
    'from',
    'subject',
    'no-code',
    'no-link',
    'slow-pattern',
  ],
  'Why it does not match: it was deleted (gone), SES says spam or virus, its to, from or subject differs, nothing in it matches the pattern (no-code, no-link), or the pattern takes too long on it.',
);

export const inboxWaitSchema = either(
  [
    object(
      {
        version,
        outcome: constant('found', 'A message matched.'),
        id,
        arrived,
        from,
        subject,
        links,
        code: optional(text('The code, with --code.')),
        link: optional(text('The link, with --link.')),
      },
      'A message that matches.',
    ),
    object(
      {
        version,
        outcome: constant('timed-out', 'No message matched in time. The exit status is 1.'),
        elapsedMs: wholeNumber('How long the command waited, in milliseconds.'),
        older: wholeNumber('The number of messages that were routed before --since.'),
        seen: list(
          object(
            { id, arrived, why, from: optional(from), subject: optional(subject) },
            'A message that does not match; without sender and subject if it could not be read.',
          ),
          'The other messages that do not match, newest first.',
        ),
      },
      'No message matched in time.',
    ),
  ],
  'What inbox wait --json prints.',
);

export type InboxWaitDocument = TypeOf<typeof inboxWaitSchema>;
