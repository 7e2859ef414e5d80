/**
 * The services that agents sign up for, each with the prefix that its mail's addresses begin with.
 */

/** By slug. */
export const servicePrefixes: { readonly openrouter: 'or' } = { openrouter: 'or' };

/** A service that mail is routed for. */
export type Service = keyof typeof servicePrefixes;
