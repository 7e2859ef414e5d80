/**
 * The schemas of `vault put --json`, `vault get --json`, `vault list --json` and `vault remove --json`. None has a secret in it.
 */
import { constant, list, object, oneOfTexts, type TypeOf, text, time, wholeNumber } from '../../schema/schema.js';

const layouts = ['wallet', 'omni'] as const;

const place = {
  version: constant(1, 'The version of this format.'),
  wallet: text('The wallet, in lower case.'),
  layout: oneOfTexts(layouts, 'The layout of the vault.'),
  bucket: text('The bucket.'),
};
const service = text('The service that the secret is for.');

export const vaultPutSchema = object(
  { ...place, outcome: constant('stored', 'It was stored.'), service },
  'What vault put --json prints.',
);

export type VaultPutDocument = TypeOf<typeof vaultPutSchema>;

export const vaultGetSchema = object(
  { ...place, service, bytes: wholeNumber('The length of the secret, which was read and decrypted.') },
  'What vault get --json prints: that the secret can be read, not the secret.',
);

export type VaultGetDocument = TypeOf<typeof vaultGetSchema>;

export const vaultListSchema = object(
  {
    ...place,
    secrets: list(
      object(
        {
          service,
          place: oneOfTexts(layouts, 'The layout in whose place it is stored.'),
          size: wholeNumber('The size of the object, in bytes.'),
          modified: time('When it was stored.'),
        },
        'A stored secret.',
      ),
      "The stored secrets: those of the layout omni's place, then the others.",
    ),
  },
  'What vault list --json prints.',
);

export type VaultListDocument = TypeOf<typeof vaultListSchema>;

export const vaultRemoveSchema = object(
  { ...place, outcome: constant('removed', 'It was deleted.'), service },
  'What vault remove --json prints.',
);

export type VaultRemoveDocument = TypeOf<typeof vaultRemoveSchema>;
