/**
 * The services by slug. They stand here, and not in the catalogue, because the library's declarations refer to no file outside this
 * folder.
 */

/** A service that an address can be made for; the command `services` tells more of each. */
export type Service = 'openrouter' | 'brave-search' | 'jina' | 'anthropic' | 'groq' | 'gemini';
