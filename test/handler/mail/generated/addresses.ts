/**
 * Generates addresses, each with whom a reader must take it to be for.
 */
import fc from 'fast-check';

/** The settings that the generated mails are made for. */
export const SETTINGS = { mailDomain: 'bots.litentry.org', prefixes: ['or', 'gh'] };

/** Few, so that one is named twice now and then; and any. */
export const wallet = fc.oneof(
  fc.constantFrom(...'123abc').map((digit) => `0x${digit.repeat(40)}`),
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 40, maxLength: 40 }).map((hex) => `0x${hex}`),
);

/** The same text with some of its letters in the other case. */
export const inAnyCase = (text: string): fc.Arbitrary<string> =>
  fc
    .array(fc.boolean(), { minLength: text.length, maxLength: text.length })
    .map((upper) => [...text].map((letter, index) => (upper[index] ? letter.toUpperCase() : letter)).join(''));

const digits = fc.oneof(fc.constant('1756409000'), fc.nat().map(String), fc.constant('0'.repeat(30)));

/** An address, and the wallet it is routed to under `SETTINGS`, if any. */
export interface GeneratedAddress {
  address: string;
  wallet?: string;
}

/** A local part that is routed at the mail domain. */
const routedLocalPart = fc
  .tuple(fc.constantFrom(...SETTINGS.prefixes), wallet, digits)
  .map(([prefix, wallet, digits]) => ({ local: `${prefix}-${wallet}-${digits}`, wallet }));

/** An address that is routed, in any case. */
export const routed: fc.Arbitrary<GeneratedAddress & { wallet: string }> = routedLocalPart.chain(({ local, wallet }) =>
  inAnyCase(`${local}@${SETTINGS.mailDomain}`).map((address) => ({ address, wallet })),
);

/** One that is not, though most look like it: plain, without quotes. */
export const unrouted: fc.Arbitrary<GeneratedAddress> = fc
  .oneof(
    fc.constantFrom('login@bots.litentry.org', 'someone@example.com', 'a.b@[192.0.2.1]', 'c@[IPv6:2001:db8::1]'),
    routedLocalPart.chain(({ local }) =>
      fc.constantFrom(
        `${local}@example.com`,
        `${local}@x.${SETTINGS.mailDomain}`,
        `${local}@${SETTINGS.mailDomain}.example`,
        `${local}@[192.0.2.1]`,
        `x${local}@${SETTINGS.mailDomain}`,
        `x.${local}@${SETTINGS.mailDomain}`,
        `${local}x@${SETTINGS.mailDomain}`,
        `${local}.x@${SETTINGS.mailDomain}`,
        `${local.replace(/-\d+$/, '')}@${SETTINGS.mailDomain}`,
        `${local.replace(/-\d+$/, '-')}@${SETTINGS.mailDomain}`,
        `${local.replace('0x', '')}@${SETTINGS.mailDomain}`,
      ),
    ),
  )
  .map((address) => ({ address }));

/** Either. */
export const plainAddress: fc.Arbitrary<GeneratedAddress> = fc.oneof(routed, unrouted);
