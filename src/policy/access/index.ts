/**
 * Access analysis: whether each Allow statement that applies to a class of principals stays within what the class may do.
 *
 * Allows are read as widely as they could apply and Denies as narrowly, so `inside` is a proof. The elements of a statement are sets of
 * texts and are compared exactly. Organizations' policies are not included: they can only deny more.
 */
import type { Statement } from '../document.js';
import { anyMatches } from '../evaluate.js';
import type { AuthorizationRequest } from '../request.js';
import { type Access, accessOf, type PrincipalClass } from './grants.js';
import { TooComplexError } from './language.js';
import { type Box, boxOf, overlaps, subtract } from './region.js';
import type { Reading } from './texts.js';
import { type Examples, witnessIn } from './witness.js';

export type { Fact, Facts, Values } from './facts.js';
export type { PrincipalClass, ResourcePolicy } from './grants.js';
export { TooComplexError } from './language.js';
export * as sets from './sets.js';
export type { Examples } from './witness.js';

/** What to judge: whether requests of the first kind are only those of the second. Both as statements of Version 2012-10-17, without effect. */
export interface Question {
  /** What would do harm. */
  harm: Statement[];
  /** What is allowed to the class, or does no harm. */
  permitted: Statement[];
}

/** What was found about one Allow statement. */
export interface Judgement {
  policy: string;
  statement: Statement;
  /** In its policy, from 1. */
  number: number;
  /** `inside`: it allows no harm, which was shown. `outside`: it allows the requests. `not shown`: neither could be shown. */
  verdict: 'inside' | 'outside' | 'not shown';
  /** Requests that the evaluator allows, every Deny included. */
  requests: AuthorizationRequest[];
}

const reference = { variables: true, resource: (text: string) => text };

/** Witnesses of one statement. */
const MAX_REQUESTS = 10;

/** Each Allow statement that lets the class do anything at all. One question after the other uses the same analysis. */
export function analyse(asked: PrincipalClass, examples: Examples): (question: Question) => Judgement[] {
  let access: Access | TooComplexError;
  try {
    access = accessOf(asked);
  } catch (error) {
    access = tooComplex(error);
  }
  const known = access;
  return (question) => {
    if (known instanceof TooComplexError) throw known;
    const { facts } = asked;
    const regions = (statements: Statement[], reading: Reading) =>
      statements.flatMap((statement) => boxOf(statement, reference, facts, reading) ?? []);
    const harm = regions(question.harm, { over: true, loose: true });
    const permitted = regions(question.permitted, { over: false, loose: false });
    const doesHarm = (request: AuthorizationRequest) =>
      anyMatches(question.harm, request) && !anyMatches(question.permitted, request);
    const witness = (box: Box) => witnessIn(box, asked, examples, doesHarm) ?? [];
    return known.grants.map(({ boxes, ...statement }) => {
      const rest = () => subtract(subtract(overlaps(boxes, harm), permitted, facts), known.denied, facts);
      return { ...statement, ...verdictOn(rest, witness) };
    });
  };
}

function tooComplex(error: unknown): TooComplexError {
  if (error instanceof TooComplexError) return error;
  throw error;
}

/** @param rest the harm that nothing denies. @param witness requests of a box that are really allowed */
function verdictOn(
  rest: () => Box[],
  witness: (box: Box) => AuthorizationRequest | AuthorizationRequest[],
): Pick<Judgement, 'verdict' | 'requests'> {
  try {
    const boxes = rest();
    if (boxes.length === 0) return { verdict: 'inside', requests: [] };
    const requests = boxes.slice(0, MAX_REQUESTS).flatMap(witness);
    return { verdict: requests.length > 0 ? 'outside' : 'not shown', requests };
  } catch (error) {
    tooComplex(error);
    return { verdict: 'not shown', requests: [] };
  }
}
