/**
 * Policies as one document with unique Sids, which is how Access Analyzer takes them. Pure.
 */
import { describeStatement, type PolicyDocument, type Statement } from '../../../policy/document.js';
import type { NamedPolicy } from '../../../policy/evaluate.js';
import type { Finding } from '../check.js';

/** A statement, and where it stands. */
export interface Origin {
  policy: string;
  /** From 1. */
  number: number;
  statement: Statement;
}

export interface MergedPolicies {
  document: PolicyDocument;
  /** By the statement's index in the document. */
  origins: Origin[];
}

/**
 * All statements of all policies, Denies included. Each gets a Sid of its own: they have to be unique in a document, and those of a
 * bucket policy may have characters that others may not. A document of an earlier Version has no policy variables: there `${` is text,
 * which is written `${$}{` in the current one.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */
export function mergePolicies(policies: NamedPolicy[]): MergedPolicies {
  const all = policies.flatMap(({ name, document }) =>
    document.Statement.map((statement, index) => ({
      origin: { policy: name, number: index + 1, statement },
      current: document.Version === '2012-10-17' ? statement : withoutVariables(statement),
    })),
  );
  return {
    document: {
      Version: '2012-10-17',
      Statement: all.map(({ current }, index) => ({ ...current, Sid: sidOf(index) })),
    },
    origins: all.map(({ origin }) => origin),
  };
}

export function sidOf(index: number): string {
  return `S${index}`;
}

function withoutVariables(statement: Statement): Statement {
  // A function, because `$` has a meaning in a replacement text.
  return JSON.parse(JSON.stringify(statement).replace(/\$\{/g, () => '${$}{'));
}

function nameOf({ number, statement }: Origin): string {
  return statement.Sid ?? String(number);
}

/** A statement in words: `the bucket policy, statement AgentReadsOwnWallet: Allow …`. */
export function describeOrigin(origin: Origin): string {
  return `${origin.policy}, statement ${nameOf(origin)}: ${describeStatement(origin.statement)}`;
}

/** AWS names no request. */
export function asFinding(origin: Origin): Finding {
  const reason = 'by IAM Access Analyzer it grants more than is permitted';
  return { policy: origin.policy, statement: nameOf(origin), reason };
}
