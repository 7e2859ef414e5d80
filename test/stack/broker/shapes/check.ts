/**
 * For a broker's role with given policies: what is reported, removed, left and restored. Checked twice: by evaluating the role's
 * policies over a matrix of requests, and by requests to the embedded AWS with the role's own credentials.
 */
import type { Test } from 'tap';
import { type Operator, startOperator } from '../../../support/operator.js';
import {
  abilities,
  brokerOf,
  elsewhere,
  type RoleShape,
  shape,
  snapshotOf,
  stock,
  whatTheDesignSays,
  withBucket,
} from '../broker-role.js';
import {
  allowed,
  asLine,
  bucketArn,
  isDesigned,
  isReading,
  policiesOf,
  requestsElsewhere,
  requestsHere,
} from '../matrix.js';

export const reads = `allows reading more of ${bucketArn.slice(13)} than inbound/;`;
export type Statements = Array<Record<string, unknown>>;
export const document = (Statement: Statements, Version = '2012-10-17') => JSON.stringify({ Version, Statement });
export const allow = (Action: string | string[], Resource: string | string[], more: object = {}) => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...more,
});
export const deny = (Action: string | string[], Resource: string | string[], more: object = {}) => ({
  ...allow(Action, Resource, more),
  Effect: 'Deny',
});
export const wide = (...statements: Statements) => ({ inline: { wide: document(statements) } });
export const others = 'arn:aws:s3:::somebody-elses-bucket';
export const both = [bucketArn, `${bucketArn}/*`];
export const readInbound = allow('s3:GetObject', `${bucketArn}/inbound/*`);

export interface Case {
  name: string;
  shape: RoleShape;
  /** The policies that are detached or narrowed. */
  removed?: string[];
  /** The `!` entries that remain, even with the flag: the note, and the differences, one line each. */
  left?: Record<string, string[]>;
}

/** A plan's entries about broad grants, by policy: the note, and the differences, one line each. */
function grantsIn(stdout: string): Record<string, string[]> {
  const entries: Record<string, string[]> = {};
  let current: string[] = [];
  for (const line of stdout.split('\n')) {
    const [, policy] = /^! broad grant {5}agentkeys-broker-host\/(.*)$/.exec(line) ?? [];
    if (policy !== undefined) {
      current = [];
      entries[policy] = current;
    } else if (/^ {4}([-+~] |(?! ))/.test(line) && (current.length === 0 || /^ {4}[-+~] /.test(line)))
      current.push(line.trim());
    else if (/^ {4}/.test(line)) current.push(`${current.pop()} ${line.trim()}`);
    else current = [];
  }
  return entries;
}

interface Decided {
  here: string[];
  elsewhere: string[];
}

function decided(operator: Operator): Decided {
  const policies = policiesOf(brokerOf(operator), operator.sandbox.state);
  return {
    here: requestsHere.filter((request) => allowed(policies, request)).map(asLine),
    elsewhere: requestsElsewhere.filter((request) => allowed(policies, request)).map(asLine),
  };
}

const readingHere = new Set(requestsHere.filter(isReading).map(asLine));
const designedHere = requestsHere.filter(isDesigned).map(asLine);

/** Runs a case through a deploy, the removal, another deploy and a teardown. */
export async function check(t: Test, { shape: given, removed = [], left = {} }: Case): Promise<void> {
  const operator = await startOperator(t);
  const { run, bucket } = operator;
  await stock(operator);
  await shape(operator, given);
  const snapshot = snapshotOf(operator);
  const could = await abilities(operator);
  const before = decided(operator);

  const shown = await run(['deploy']);
  t.equal(shown.status, 0, shown.stderr);
  t.strictSame(Object.keys(grantsIn(shown.stdout)).sort(), [...removed, ...Object.keys(left)].sort());

  const deployed = await run(['deploy', '--remove-broad-grants', '--yes']);
  t.equal(deployed.status, 0, deployed.stderr);
  t.strictSame(grantsIn(deployed.stdout), left);
  t.equal(deployed.writes.length > 0, removed.length > 0);
  const after = decided(operator);
  const can = await abilities(operator);
  t.strictSame(elsewhere(can, bucket), elsewhere(could, bucket), 'the same access elsewhere');
  t.strictSame(after.elsewhere, before.elsewhere, 'the same access elsewhere');
  const more = after.here.filter((line) => !before.here.includes(line) && !designedHere.includes(line));
  t.strictSame(more, [], 'no new access');
  if (given.managed === undefined && !Object.values(left).some(([why]) => why?.startsWith(reads))) {
    const reading = after.here.filter((line) => readingHere.has(line));
    t.strictSame(
      reading,
      designedHere.filter((line) => reading.includes(line)),
      'only what the design allows on this bucket',
    );
    const seen = withBucket(can, bucket).filter((what) => !what.startsWith('put'));
    t.strictSame(
      seen,
      whatTheDesignSays(bucket).filter((what) => given.boundary === undefined || seen.includes(what)),
    );
  }
  t.strictSame((await run(['deploy', '--remove-broad-grants', '--yes'])).writes, []);

  const down = await run(['teardown', '--broker', '--yes']);
  t.equal(down.status, 0, down.stderr);
  t.strictSame(snapshotOf(operator), snapshot, 'restored exactly');
}
