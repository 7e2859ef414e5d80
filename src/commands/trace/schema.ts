/**
 * The schema of `trace --json`.
 */
import { reasons } from '../../../handler/mail/decide.js';
import {
  constant,
  either,
  list,
  object,
  oneOfTexts,
  optional,
  orNull,
  type TypeOf,
  text,
  time,
  trueOrFalse,
  wholeNumber,
} from '../../schema/schema.js';
import { messageEntryFields } from '../logs/schema.js';

const version = constant(1, 'The version of this format.');

const unknown = object({ unknown: text('Why it is unknown.') }, 'Not known.');

const storedFields = {
  at: time('When it was stored.'),
  size: wholeNumber('Its size in bytes.'),
  storageClass: text('Its storage class.'),
  restore: optional(text('The state of the restored copy of an archived object.')),
};

const { needsAttention: _, ...logFields } = messageEntryFields;

const decision = object(
  {
    decision: oneOfTexts(['route', 'stay'], 'What would be decided.'),
    reason: optional(oneOfTexts(reasons, 'Why it would stay in inbound/.')),
    wallets: optional(list(text('A wallet, in lower case.'), 'The wallets that it would be copied to.')),
    by: optional(oneOfTexts(['envelope', 'headers'], 'What decides.')),
    headerBytesRead: wholeNumber('How much of the message was read; bytes.'),
    recipients: list(
      object(
        {
          field: text('The header field that names it, in lower case.'),
          verdict: oneOfTexts(
            ['routed', 'no-wallet', 'prefix', 'domain'],
            "no-wallet: no wallet's address. prefix, domain: a wallet's address, with a prefix or a domain that is not routed.",
          ),
          address: optional(text('The address; with --show-recipient only.')),
        },
        'A recipient.',
      ),
      'The recipients that were considered.',
    ),
    settingsGiven: optional(text("Why it was decided with the settings given here, not with the deployed function's.")),
  },
  'The decision.',
);

const oneMessage = object(
  {
    version,
    kind: constant('message', 'One message.'),
    id: text("The message's id."),
    key: text("The message's key."),
    summary: text('What became of it.'),
    message: either(
      [
        orNull(
          object(
            { ...storedFields, encryption: either([text('How it is encrypted.'), unknown], 'Its encryption.') },
            'The message.',
          ),
          'The message in inbound/; null if it is not there.',
        ),
        unknown,
      ],
      'The message in inbound/.',
    ),
    logSince: time('From when on the log was read.'),
    log: either(
      [list(object(logFields, 'An attempt.'), 'All attempts, oldest first.'), unknown],
      'What the function logged.',
    ),
    now: optional(either([decision, unknown], 'What would be decided now; absent if there is no message.')),
    copies: either(
      [
        list(
          object(
            {
              wallet: text('The wallet, in lower case.'),
              key: text("The copy's key."),
              copy: either(
                [orNull(object(storedFields, 'The copy.'), 'The copy; null if there is none.'), unknown],
                'The copy.',
              ),
            },
            'A copy.',
          ),
          'The copies, by wallet.',
        ),
        unknown,
      ],
      'The copies.',
    ),
    readers: list(
      object(
        {
          who: text('Who.'),
          key: text("The object's key."),
          can: oneOfTexts(['yes', 'no', 'unknown'], 'Whether they can read it.'),
          because: text('What decides.'),
        },
        'Whether somebody can read an object.',
      ),
      'Who can read the message and its copies, by the policies of roles and bucket.',
    ),
    next: list(text('A step.'), 'What to do; empty if there is nothing to do.'),
    command: optional(text('The command that routes it.')),
  },
  'One message.',
);

const severalMessages = object(
  {
    version,
    kind: constant('messages', 'Several messages.'),
    wallet: text('The wallet, in lower case.'),
    since: time('The start of the period.'),
    messages: list(
      object(
        {
          id: text("The message's id."),
          at: time('When it was stored or logged.'),
          outcome: optional(logFields.outcome),
          reason: optional(text('Why it stays in inbound/.')),
          copied: either([trueOrFalse('Whether its copy is there.'), unknown], 'Whether its copy is there.'),
        },
        'A message.',
      ),
      'The messages, oldest first.',
    ),
    unseen: list(text('A part, and the reason.'), 'What could not be seen.'),
  },
  'Several messages of a wallet.',
);

export const traceSchema = either(
  [oneMessage, severalMessages],
  'What trace --json prints; the second for a wallet or an address with several messages.',
);

export type MessageDocument = TypeOf<typeof oneMessage>;

export type MessagesDocument = TypeOf<typeof severalMessages>;
