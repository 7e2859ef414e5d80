/**
 * The schemas of `vault put --json`, `vault get --json`, `vault list --json`, `vault remove --json` and `vault reencrypt --json`. None has a secret in it.
 */
import {
  constant,
  list,
  object,
  oneOfTexts,
  optional,
  type TypeOf,
  text,
  time,
  wholeNumber,
} from '../../schema/schema.js';

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
  {
    ...place,
    outcome: constant('removed', 'It was deleted.'),
    service: optional(text('The service whose secret it was; absent with --all.')),
    services: optional(list(service, 'With --all: the services whose secrets were there.')),
    objects: optional(wholeNumber('With --all: the number of deleted objects, of both places, secrets or not.')),
  },
  'What vault remove --json prints.',
);

export type VaultRemoveDocument = TypeOf<typeof vaultRemoveSchema>;

export const vaultReencryptSchema = object(
  {
    version: constant(1, 'The version of this format.'),
    from: object({ wallet: place.wallet, bucket: place.bucket }, 'The old place, in the layout wallet.'),
    to: object({ wallet: place.wallet, bucket: place.bucket }, 'The new place, in the layout omni.'),
    secrets: list(
      object(
        {
          service,
          outcome: oneOfTexts(
            ['copied', 'moved', 'different', 'unreadable'],
            'copied: the new object was read back, and the old one is still there. moved: the old one was deleted after that. different: the new place holds another secret. unreadable: an object is not decryptable. Nothing was changed for the last two.',
          ),
          reason: optional(text('Why it is unreadable.')),
        },
        'A secret of the old place.',
      ),
      'The secrets in the old place.',
    ),
  },
  'What vault reencrypt --json prints.',
);

export type VaultReencryptDocument = TypeOf<typeof vaultReencryptSchema>;
