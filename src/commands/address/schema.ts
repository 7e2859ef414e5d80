/**
 * The schema of `address --json`.
 */
import { constant, object, type TypeOf, text } from '../../schema/schema.js';

export const addressSchema = object(
  { version: constant(1, 'The version of this format.'), address: text('A sign-up address for the wallet.') },
  'What address --json prints.',
);

export type AddressDocument = TypeOf<typeof addressSchema>;
