/**
 * Whatever the evaluator allows to a caller of the class, and does harm, is never called inside; and each witness is such a request.
 */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { analyse, type Question } from '../../../src/policy/access/index.js';
import { policiesFor } from '../../../src/policy/access/witness.js';
import { anyMatches, evaluate } from '../../../src/policy/evaluate.js';
import type { AuthorizationRequest } from '../../../src/policy/request.js';
import { property } from '../../handler/mail/generated/run.js';
import { caseFrom, randomFrom, tag } from './generated.js';

const examples = { actions: [], resources: [], values: {}, keys: { [tag.toLowerCase()]: tag } };

const CASES = Number(process.env.PROPERTY_CASES ?? 2_000);
const REQUESTS = 25;

function isHarmful({ harm, permitted }: Question, request: AuthorizationRequest): boolean {
  return anyMatches(harm, request) && !anyMatches(permitted, request);
}

const counts = { requests: 0, harmful: 0, inside: 0, outside: 0, 'not shown': 0 };

property(
  t,
  `what is called inside allows no harm, by ${REQUESTS} requests each`,
  CASES,
  fc.noShrink(fc.integer({ min: 1 })),
  (number) => {
    const random = randomFrom(number);
    const { asked, question, request } = caseFrom(random);
    const judgements = analyse(asked, examples)(question);
    const described = (sent: AuthorizationRequest) =>
      JSON.stringify({ sent, asked, facts: [...asked.facts], question }, null, 1);
    for (const { verdict, requests } of judgements) {
      counts[verdict]++;
      for (const witness of requests) assert.ok(isHarmful(question, witness), `no harm: ${described(witness)}`);
    }
    for (let drawn = 0; drawn < REQUESTS; drawn++) {
      const sent = request(random);
      counts.requests++;
      const { allowed, statement } = evaluate(sent, policiesFor(sent, asked));
      if (!allowed || !isHarmful(question, sent)) continue;
      counts.harmful++;
      const decisive = judgements.filter((one) => one.statement === statement);
      const blamed = decisive.length === 0 ? judgements : decisive;
      assert.ok(
        blamed.some(({ verdict }) => verdict !== 'inside'),
        `called inside: ${described(sent)}`,
      );
    }
  },
);

t.test('the cases tell', async (t) => {
  t.comment(JSON.stringify(counts));
  t.ok(counts.harmful > CASES / 10 && counts.inside > CASES / 10 && counts.outside > CASES / 10);
});
