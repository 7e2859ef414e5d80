/**
 * What is known about the rules that store mail in this bucket.
 */
import type { Check } from './check.js';

/** What stores mail in this bucket under `inbound/`. */
export interface StoringRule {
  arn: string;
  /** The role that SES assumes to store mail, if the rule has one. */
  roleArn?: string;
}

/** One of SES's two ways into a bucket. */
export interface Way {
  name: 'receipt rules' | 'Mail Manager';
  /** The rules that store mail in this bucket. */
  rules: Array<{ rule: StoringRule; check: Check }>;
  /** Why there are none: an answer of AWS's, or the reason why there was none. */
  without: { known: boolean; reason: string };
}
