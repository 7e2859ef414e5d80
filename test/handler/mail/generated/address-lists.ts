/**
 * Generates address lists (RFC 5322 §3.4), each with the wallets that a strict reader finds in it, known from how it was made.
 */
import fc from 'fast-check';
import { type GeneratedAddress, plainAddress, routed } from './addresses.js';

/** A list, and what is in it. */
export interface GeneratedList {
  text: string;
  /** The wallets, in the order they are named in, as often as they are. */
  wallets: string[];
}

/** Text that would name somebody, were it not enclosed. */
const bait = fc.oneof(
  routed.chain(({ address }) =>
    fc.constantFrom(address, `<${address}>`, `, ${address}, `, `>, ${address}, <`, `; ${address}; `, `: ${address}`),
  ),
  fc.constantFrom('', 'x', ' ', ',', ';', ':', '@', '<', '>', '.', '[', ']', '=?utf-8?Q?a?='),
);

/** The text with a backslash before each character that needs one, and perhaps before others. */
const escaped = (text: string) =>
  fc.constantFrom(/["\\]/g, /["\\,;]/g).map((characters) => text.replace(characters, '\\$&'));

const quotedString = fc
  .oneof(
    bait,
    bait.map((text) => `" ${text} "`),
    bait.map((text) => `\\ ${text} (`),
  )
  .chain((text) => escaped(text))
  .map((text) => `"${text}"`);

/** Nested, with parentheses of its own in quotes, and with whatever stands in quotes elsewhere. */
const comment: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      bait,
      bait.map((text) => `(${text})`),
      bait.map((text) => `((x) ${text} (y))`),
      fc.constantFrom('\\)', '\\(', '\\\\', '"'),
    ),
    {
      maxLength: 3,
    },
  )
  .map((parts) => `(${parts.join(' ')})`);

/** An RFC 2047 word that decodes to bait. */
const encodedWord = fc
  .tuple(bait, fc.boolean())
  .map(([text, base64]) =>
    base64
      ? `=?utf-8?B?${Buffer.from(text).toString('base64')}?=`
      : `=?utf-8?Q?${text.replace(/[^A-Za-z0-9]/g, (character) => `=${character.charCodeAt(0).toString(16).toUpperCase()}`)}?=`,
  );

const displayName = fc
  .array(fc.oneof(quotedString, encodedWord, fc.constantFrom('Jane', 'Doe', 'or-0x', 'J!#$%')), {
    minLength: 1,
    maxLength: 3,
  })
  .map((words) => words.join(' '));

const named = ({ wallet }: GeneratedAddress) => (wallet === undefined ? [] : [wallet]);

/** Everyday mailboxes, on which every reader agrees. */
const mailbox: fc.Arbitrary<GeneratedList> = plainAddress.chain((generated) =>
  fc
    .oneof(
      fc.constant(generated.address),
      fc.constant(`<${generated.address}>`),
      displayName.map((name) => `${name} <${generated.address}>`),
      comment.map((text) => `${generated.address} ${text}`),
      fc.tuple(displayName, comment).map(([name, text]) => `${name} <${generated.address}> ${text}`),
    )
    .map((text) => ({ text, wallets: named(generated) })),
);

/** A quoted local part: nobody's whatever is in it, but its own words' (RFC 5321 §4.1.2). */
const quotedMailbox: fc.Arbitrary<GeneratedList> = fc
  .tuple(quotedString, fc.constantFrom('example.com', 'bots.litentry.org'), fc.boolean())
  .map(([local, domain, angle]) => ({ text: angle ? `<${local}@${domain}>` : `${local}@${domain}`, wallets: [] }));

/** What RFC 5322 §4.4 has a reader accept: routes, and comments and white space within an address. */
const obsoleteMailbox: fc.Arbitrary<GeneratedList> = fc
  .tuple(
    plainAddress,
    comment,
    fc.constantFrom('@x.example', '@x.example,@y.example', '@x.example, (route) @bots.litentry.org'),
  )
  .chain(([generated, text, route]) =>
    fc
      .constantFrom(
        `<${route}:${generated.address}>`,
        `Jane Q. Doe <${route}:${generated.address}>`,
        generated.address.replace('@', ` ${text}@`),
        generated.address.replace('@', `@ ${text} `),
        `${text} ${generated.address}`,
        `${text} Jane ${text} < ${text} ${generated.address} ${text} >`,
      )
      .map((form) => ({ text: form, wallets: named(generated) })),
  );

/** A domain literal that holds what would be addresses. */
const literalMailbox: fc.Arbitrary<GeneratedList> = routed.map(({ address }) => ({
  text: `a@[x, ${address}, y]`,
  wallets: [],
}));

/** An encoded word where it has no meaning (RFC 2047 §5): it is the local part, as it stands. */
const encodedMailbox: fc.Arbitrary<GeneratedList> = fc
  .tuple(encodedWord, fc.boolean())
  .map(([word, angle]) => ({ text: angle ? `<${word}@bots.litentry.org>` : `${word}@bots.litentry.org`, wallets: [] }));

const separator = fc.constantFrom(',', ', ', ' ,\t', ',\r\n ', ' , \r\n\t');

const joined = (mailboxes: fc.Arbitrary<GeneratedList>, maxLength: number): fc.Arbitrary<GeneratedList> =>
  fc.array(fc.tuple(mailboxes, separator), { minLength: 1, maxLength }).map((elements) => ({
    text: elements.map(([{ text }, between], index) => (index === 0 ? text : between + text)).join(''),
    wallets: elements.flatMap(([{ wallets }]) => wallets),
  }));

const withGroups = (mailboxes: fc.Arbitrary<GeneratedList>): fc.Arbitrary<GeneratedList> =>
  joined(
    fc.oneof(
      { weight: 4, arbitrary: mailboxes },
      {
        weight: 1,
        arbitrary: fc
          .tuple(fc.constantFrom('Agents', 'A B', '"x:;,"', 'undisclosed-recipients'), fc.option(joined(mailboxes, 3)))
          .map(([name, members]) => ({ text: `${name}: ${members?.text ?? ''};`, wallets: members?.wallets ?? [] })),
      },
    ),
    4,
  );

/** Lists of everyday forms. */
export const everydayList = withGroups(mailbox);

/** Lists of every form there is. */
export const anyList = withGroups(fc.oneof(mailbox, quotedMailbox, obsoleteMailbox, literalMailbox, encodedMailbox));

/** What lists are made of, in any order. */
export const soup: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(',', ', ') },
      { weight: 4, arbitrary: mailbox.map(({ text }) => text) },
      { weight: 3, arbitrary: fc.constantFrom(...'",;:<>()[]@.\\\x01\0\r\xff', '<@x.example:', '(\\', '\\"', '@[') },
      { weight: 1, arbitrary: routed.map(({ address }) => address) },
      { weight: 1, arbitrary: fc.oneof(comment, quotedString, encodedWord) },
      { weight: 1, arbitrary: fc.constantFrom('Jane ', ' a', ' a@example.com ', '<>') },
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.join(''));
