/**
 * What every service refuses about tags: keys that are reserved for AWS, and the same key twice.
 * https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html#id_tags_naming_best_practices
 */
import type { AwsRefusal } from '../operation.js';

/** How a service refuses tags. */
export interface TagRules {
  /** The refusal of a key that begins with `aws:`, in any case. */
  reserved(key: string): AwsRefusal;
  /** The refusal of a list with the same key twice. */
  duplicate(key: string): AwsRefusal;
  /** Whether keys that differ in case only are the same key, as in IAM. */
  ignoreCase?: boolean;
}

/** @throws {AwsRefusal} as the service words it */
export function checkTagKeys(keys: string[], { reserved, duplicate, ignoreCase = false }: TagRules): void {
  const seen = new Set<string>();
  for (const key of keys) {
    if (/^aws:/i.test(key)) throw reserved(key);
    const same = ignoreCase ? key.toLowerCase() : key;
    if (seen.has(same)) throw duplicate(key);
    seen.add(same);
  }
}

/** The rules of a service that has one error for both. @param refuse makes it from a message */
export function tagRules(refuse: (message: string) => AwsRefusal): TagRules {
  return {
    reserved: (key) => refuse(`Invalid tag key ${key}: keys that begin with aws: are reserved for system use.`),
    duplicate: (key) => refuse(`Duplicate tag key ${key}: each key can be given once.`),
  };
}
