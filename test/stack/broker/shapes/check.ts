/**
 * For a broker's role with given policies: what is reported, removed, left and restored. Each case is planned without a network, and the
 * role's policies are evaluated over a matrix of requests. A case for each kind of policy also runs on the embedded AWS, where the role's
 * own credentials try what it can do.
 */
import type { Test } from 'tap';
import type { Entry } from '../../../../src/reconcile/plan.js';
import { renderEntry } from '../../../../src/reconcile/render.js';
import { grantEntries } from '../../../../src/stack/broker/broad-grants.js';
import { brokerPolicyEntries } from '../../../../src/stack/broker/policy.js';
import { restoreEntries } from '../../../../src/stack/broker/restore.js';
import type { BrokerRole } from '../../../../src/stack/broker/state.js';
import { startOperator } from '../../../support/operator.js';
import { scopeWith } from '../../plan/support.js';
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
  isDetour,
  isOnBucket,
  type Policies,
  policiesOf as policiesOnAws,
  requestsElsewhere,
  requestsHere,
} from '../matrix.js';
import { policiesOf, roleWith, withWrites } from '../model.js';

export const more = `grants more on ${bucketArn.slice(13)} than reading inbound/;`;
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
/** Through these the bucket could be reached. */
export const detours = [
  'arn:aws:s3:*:*:accesspoint/*',
  'arn:aws:s3:*:*:job/*',
  'arn:aws:s3:*:*:access-grants/*',
  'arn:aws:s3-object-lambda:*:*:accesspoint/*',
];
/** All of S3's actions but those that create jobs, access points and Access Grants, as a plan shows them. */
export const keptActions =
  's3:A*, s3:B*, s3:CreateB*, s3:CreateS*, s3:D*, s3:G*, s3:I*, s3:L*, s3:O*, s3:P*, s3:R*, s3:S*, s3:T*, s3:U*';
export const readInbound = allow('s3:GetObject', `${bucketArn}/inbound/*`);

export interface Case {
  name: string;
  shape: RoleShape;
  /** Also runs on the embedded AWS. */
  onAws?: true;
  /** The policies that are detached or narrowed. */
  removed?: string[];
  /** The `!` entries that remain, even with the flag: the note, and the differences, one line each. */
  left?: Record<string, string[]>;
}

/** A plan's entries about broad grants, by policy: the note, and the differences, one line each. */
function grantsIn(lines: string[]): Record<string, string[]> {
  const entries: Record<string, string[]> = {};
  let current: string[] = [];
  for (const line of lines) {
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

function decided(policies: Policies): Decided {
  return {
    here: requestsHere.filter((request) => allowed(policies, request)).map(asLine),
    elsewhere: requestsElsewhere.filter((one) => !isDetour(one) && allowed(policies, one)).map(asLine),
  };
}

const knownHere = new Set(requestsHere.filter(isOnBucket).map(asLine));
const designedHere = requestsHere.filter(isDesigned).map(asLine);

/** Whether a role with these policies is to be left with what the design allows on this bucket. */
function isNarrowed({ shape: { managed }, left = {} }: Case): boolean {
  return managed === undefined && !Object.values(left).some(([why]) => why?.startsWith(more));
}

/** The matrix before and after the removal. */
function checkDecided(t: Test, each: Case, before: Decided, after: Decided): void {
  t.strictSame(after.elsewhere, before.elsewhere, 'the same access elsewhere');
  const more = after.here.filter((line) => !before.here.includes(line) && !designedHere.includes(line));
  t.strictSame(more, [], 'no new access');
  if (!isNarrowed(each)) return;
  const left = after.here.filter((line) => knownHere.has(line));
  t.strictSame(
    left,
    designedHere.filter((line) => left.includes(line)),
    'only what the design allows on this bucket',
  );
}

/** The role as it is compared: exact texts, in one order. */
function comparable({ policies, saved, tags }: BrokerRole): object {
  const texts = policies.map(({ kind, name, text }) => [kind, name, text].join(' ')).sort();
  return { texts, saved, tags };
}

/** Runs a case through the plans of a deploy, the removal, another deploy and a teardown. */
function checkPlan(t: Test, each: Case): void {
  const { shape: given, removed = [], left = {} } = each;
  const planned = (role: BrokerRole, removeBroadGrants: boolean) => {
    const scope = scopeWith({ removeBroadGrants, brokerReadsInbound: true });
    return [...brokerPolicyEntries(role, {}, scope), ...grantEntries(role, {}, scope)];
  };
  const applied = (role: BrokerRole, entries: Entry[]) =>
    withWrites(
      role,
      entries.flatMap((entry) => entry.writes),
    );
  const reported = (entries: Entry[]) => grantsIn(entries.flatMap((one) => renderEntry(one, (text) => text, 80)));

  const role = roleWith(given);
  const shown = planned(role, false);
  t.strictSame(Object.keys(reported(shown)).sort(), [...removed, ...Object.keys(left)].sort());

  const deployed = applied(role, shown);
  const removal = planned(deployed, true);
  t.strictSame(reported(removal), left);
  t.strictSame(
    removal
      .filter(({ action }) => action === 'delete')
      .map(({ name }) => name.split('/')[1])
      .sort(),
    removed.toSorted(),
  );
  const after = applied(deployed, removal);
  checkDecided(t, each, decided(policiesOf(role)), decided(policiesOf(after)));
  t.strictSame(
    planned(after, true).flatMap((entry) => entry.writes),
    [],
  );
  const restored = applied(after, restoreEntries(after, scopeWith({ teardownBroker: true })));
  t.strictSame(comparable(restored), comparable(role), 'restored exactly');
}

/** Runs a case through a deploy, the removal, another deploy and a teardown on the embedded AWS. */
async function checkOnAws(t: Test, each: Case): Promise<void> {
  const { shape: given, removed = [], left = {} } = each;
  const operator = await startOperator(t);
  const { run, bucket, sandbox } = operator;
  await stock(operator);
  await shape(operator, given);
  const snapshot = snapshotOf(operator);
  const could = await abilities(operator);
  const before = decided(policiesOnAws(brokerOf(operator), sandbox.state));

  const shown = await run(['deploy', '--broker-reads-inbound', '--yes']);
  t.equal(shown.status, 0, shown.stderr);
  t.strictSame(Object.keys(grantsIn(shown.stdout.split('\n'))).sort(), [...removed, ...Object.keys(left)].sort());

  const deployed = await run(['deploy', '--remove-broad-grants', '--yes']);
  t.equal(deployed.status, 0, deployed.stderr);
  t.strictSame(grantsIn(deployed.stdout.split('\n')), left);
  t.equal(deployed.writes.length > 1, removed.length > 0, 'one more write limits the listings');
  checkDecided(t, each, before, decided(policiesOnAws(brokerOf(operator), sandbox.state)));
  const can = await abilities(operator);
  t.strictSame(elsewhere(can, bucket), elsewhere(could, bucket), 'the same access elsewhere');
  if (isNarrowed(each)) {
    const seen = withBucket(can, bucket);
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

/** Tests each case. */
export function checkCases(t: Test, cases: Case[]): void {
  for (const each of cases) {
    t.test(each.name, async (t) => checkPlan(t, each));
    if (each.onAws) t.test(`${each.name}: on the embedded AWS`, (t) => checkOnAws(t, each));
  }
}
