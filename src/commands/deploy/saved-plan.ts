/**
 * A saved plan: what a plan was made from, and what it would do, as names and fingerprints. It is applied by making the plan again from
 * what is read then; nothing that a file says is ever sent to AWS.
 */
import { randomBytes } from 'node:crypto';
import { OperatorError } from '../../aws/errors.js';
import { inShell, ownCommand } from '../../aws/own-command.js';
import { changes } from '../../reconcile/plan.js';
import { planAsJson } from '../../reconcile/render.js';
import { type SettingKey, type Settings, settingKeys, settingsTable } from '../../settings/index.js';
import { orderedJson } from '../../stack/canonical-json.js';
import type { Observed, StackPlan } from '../../stack/index.js';
import { versionOf } from '../../stack/resources/function/version.js';
import type { Scope } from '../../stack/scope.js';
import { asTime } from '../../terminal/text.js';
import { fingerprint, lasting, plainFingerprint } from './fingerprint.js';
import { PLAN_KIND, type SavedPlan } from './schema.js';

/** What a plan was made from, and the plan. */
export interface Reading {
  observed: Observed;
  plan: StackPlan;
  scope: Pick<Scope, 'identity' | 'names' | 'settings' | 'code' | 'clock'>;
}

/** Settings that change nothing about a plan: how AWS is reached, what is asked, what is printed; and those that are compared by value. */
const beside: readonly SettingKey[] = [
  'stack',
  'bucket',
  'region',
  'account',
  'profile',
  'endpointUrl',
  'webIdentityTokenFile',
  'wallet',
  'tokenFile',
  'accessAnalyzer',
  'adopt',
  'yes',
  'color',
  'json',
  'quiet',
  'debug',
  'detailedExitcode',
  'deleteLogs',
  'teardownBroker',
];

/** The plan to be saved. @param salt of the fingerprints; a new one by default */
export async function savedPlan(
  { observed, plan, scope }: Reading,
  salt = randomBytes(16).toString('hex'),
): Promise<SavedPlan> {
  const { identity, names, settings, code, clock } = scope;
  const { entries } = planAsJson({ ...plan, entries: changes(plan) });
  const content = {
    kind: PLAN_KIND,
    version: 1,
    package: versionOf(code),
    saved: asTime(clock.now()),
    account: identity.account,
    region: identity.region,
    ...(settings.stack === undefined ? {} : { stack: settings.stack }),
    bucket: names.bucket,
    salt,
    settings: settingsOf(settings, salt),
    read: Object.fromEntries(
      await Promise.all(
        Object.entries(observed).map(async ([part, state]) => [part, await fingerprint(lasting(state), salt)] as const),
      ),
    ),
    entries: await Promise.all(
      // The note explains the rest, and is left out.
      entries.map(async ({ note, ...entry }) => ({
        part: entry.part,
        resource: entry.resource,
        name: entry.name,
        action: entry.action,
        calls: entry.writes.map(({ call }) => call),
        fingerprint: await fingerprint(entry, salt),
      })),
    ),
  } as const;
  return { ...content, checksum: checksumOf(content) };
}

/** The fingerprints of the settings that a plan is made from. */
function settingsOf(settings: Settings, salt: string): SavedPlan['settings'] {
  const keys = settingKeys.filter((key) => !beside.includes(key) && settings[key] !== undefined);
  return Object.fromEntries(keys.map((key) => [key, plainFingerprint(settings[key], salt)]));
}

/** The checksum of a plan's other fields. */
export function checksumOf(content: Omit<SavedPlan, 'checksum'>): string {
  return plainFingerprint(content);
}

/**
 * Compares a saved plan with where, and with what, it is to be applied, before the account is read.
 *
 * @param path the plan's file, for the message.
 * @throws OperatorError when the account, the region, the stack, the bucket, this tool's version or a setting differs.
 */
export function assertSameTarget(saved: SavedPlan, scope: Reading['scope'], path: string): void {
  const { identity, names, settings, code } = scope;
  const facts = [
    ['account', saved.account, identity.account],
    ['region', saved.region, identity.region],
    ['stack', saved.stack ?? '(unnamed)', settings.stack ?? '(unnamed)'],
    ['bucket', saved.bucket, names.bucket],
    ['version of this tool', saved.package, versionOf(code)],
  ] as const;
  const other = facts.filter(([, was, is]) => was !== is);
  const keys = differing(saved.settings, settingsOf(settings, saved.salt));
  const flags = settingKeys.filter((key) => keys.includes(key)).map((key) => settingsTable[key].flag);
  if (other.length > 0 || flags.length > 0)
    throw refusal(path, [
      ...other.map(([what, was, is]) => `It is for the ${what} ${was}, and this is ${is}.`),
      ...(flags.length > 0 ? [`Settings differ: ${flags.join(', ')}.`] : []),
    ]);
}

/**
 * Compares a saved plan with the plan that was made again.
 *
 * @param path the plan's file, for the message.
 * @throws OperatorError when something that was read, or a change, differs.
 */
export async function assertUnchanged(saved: SavedPlan, reading: Reading, path: string): Promise<void> {
  const again = await savedPlan(reading, saved.salt);
  const parts = differing(saved.read, again.read);
  const named = [...reading.plan.entries, ...saved.entries];
  const read = parts.map((part) => {
    const entry = named.find((one) => one.part === part);
    return entry === undefined ? part : `${entry.resource} ${entry.name}`;
  });
  const texts = (entries: SavedPlan['entries']) => entries.map((entry) => orderedJson(entry));
  const [before, now] = [texts(saved.entries), texts(again.entries)];
  const only = (entries: SavedPlan['entries'], others: string[]) =>
    entries.filter((entry) => !parts.includes(entry.part) && !others.includes(orderedJson(entry)));
  const planned = [...only(saved.entries, now), ...only(again.entries, before)].map(
    ({ action, resource, name }) => `${action} ${resource} ${name}`,
  );
  const reasons = [
    ...(read.length > 0 ? [`Since it was saved, this has changed: ${[...new Set(read)].join('; ')}.`] : []),
    ...(planned.length > 0 ? [`What is planned differs: ${[...new Set(planned)].join('; ')}.`] : []),
  ];
  if (reasons.length === 0 && orderedJson(before) !== orderedJson(now))
    reasons.push('The changes are in another order.');
  if (reasons.length > 0) throw refusal(path, reasons);
}

/** The keys that only one of two maps has, or that have another value in each. */
function differing(one: Record<string, string>, other: Record<string, string>): string[] {
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].filter((key) => one[key] !== other[key]);
}

function refusal(path: string, reasons: string[]): OperatorError {
  return new OperatorError(
    `The plan in ${path} can't be applied. ${reasons.join(' ')} Nothing was written. ${saveAgain(path)}`,
  );
}

/** What to do when a plan can't be applied. @param path its file */
export function saveAgain(path: string): string {
  return `Save a new plan with your settings, and review it: ${ownCommand(`deploy --dry-run --out ${inShell(path)}`)}`;
}
