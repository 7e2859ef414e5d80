/**
 * SES's receipt rules: what is to become of mail that comes in. No mail comes in here; whoever wants some puts it into the bucket.
 * https://docs.aws.amazon.com/ses/latest/APIReference/API_Operations.html
 */
import { createHash } from 'node:crypto';
import { decide } from '../access/authorize.js';
import { serviceCaller, sessionArn } from '../access/callers.js';
import type { AccountState, Bucket, ReceiptRule, ReceiptRuleSet } from '../account/state.js';
import { type Access, AwsRefusal, type Caller, type Operation } from '../operation.js';
import { listIn } from './iam/common.js';
import { store } from './s3/versions.js';

/** Values of the query protocol are strings. */
interface RuleInput {
  Name: string;
  Enabled?: string;
  ScanEnabled?: string;
  TlsPolicy?: string;
  Recipients?: string[] | string;
  Actions?: ReceiptRule['Actions'] | string;
}

interface OfSet {
  RuleSetName: string;
}

interface WithRule extends OfSet {
  Rule: RuleInput;
}

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonses.html: these have no resource to name. */
function access(name: string): () => Access[] {
  return () => [{ action: `ses:${name}`, resource: '*' }];
}

/** @throws {AwsRefusal} ValidationError */
function validName(member: string, name: string): void {
  if (/^(?=.{1,64}$)[a-zA-Z0-9]([\w.-]*[a-zA-Z0-9])?$/.test(name)) return;
  const constraint = 'Member must satisfy regular expression pattern: ^[a-zA-Z0-9_.-]+$';
  throw new AwsRefusal('ValidationError', `Value at '${member}' failed to satisfy constraint: ${constraint}`);
}

/** @throws {AwsRefusal} RuleSetDoesNotExist */
function ruleSetNamed(state: AccountState, name: string): ReceiptRuleSet {
  const found = state.ses.ruleSets.get(name);
  if (!found) throw new AwsRefusal('RuleSetDoesNotExist', `Rule set does not exist: ${name}`);
  return found;
}

/** Where a rule stands in its set. @throws {AwsRefusal} RuleDoesNotExist */
function placeOf({ rules }: ReceiptRuleSet, name: string): number {
  const place = rules.findIndex((rule) => rule.Name === name);
  if (place === -1) throw new AwsRefusal('RuleDoesNotExist', `Rule does not exist: ${name}`);
  return place;
}

const kinds = ['S3Action', 'StopAction', 'BounceAction', 'AddHeaderAction'];

/** A rule as it is kept: with SES's defaults, and each value as it came. @throws {AwsRefusal} NotImplemented for other actions */
function readRule(rule: RuleInput): ReceiptRule {
  validName('rule.name', rule.Name);
  const { Name, Enabled = 'false', ScanEnabled = 'false', TlsPolicy = 'Optional' } = rule;
  const [Recipients, Actions] = [listIn(rule.Recipients), listIn(rule.Actions)];
  const unknown = Actions.flatMap((action) => Object.keys(action)).filter((kind) => !kinds.includes(kind));
  if (unknown.length > 0) {
    throw new AwsRefusal('NotImplemented', `The embedded AWS's SES does not know ${unknown.join(', ')}.`, 501);
  }
  return { Name, Enabled, TlsPolicy, Recipients, Actions, ScanEnabled };
}

/**
 * Who writes an action's mail into the bucket: SES, or the role that the action names.
 * https://docs.aws.amazon.com/ses/latest/APIReference/API_S3Action.html
 * @throws {AwsRefusal} InvalidParameterValue for a role that SES can't assume
 */
function writerOf(state: AccountState, roleArn: string | undefined): Caller {
  const ses = serviceCaller('ses.amazonaws.com');
  if (roleArn === undefined) return ses;
  const role = [...state.iam.roles.values()].find(({ arn }) => arn === roleArn);
  if (!role || !decide(state, ses, { action: 'sts:AssumeRole', resource: roleArn }).allowed) {
    throw new AwsRefusal('InvalidParameterValue', 'Could not assume the provided IAM role');
  }
  const { name, arn, id } = role;
  const principal = { arn: sessionArn(state, name, 'ses'), roleArn: arn, account: state.account };
  return { principal, userId: `${id}:ses`, identity: { kind: 'role', name }, tags: {} };
}

/** What SES leaves under an action's prefix to see that it can. */
function leaveNotice(state: AccountState, bucket: Bucket, key: string, by: Caller): void {
  const body = Buffer.from(
    [
      'From: Amazon Web Services <no-reply@example.com>',
      'Subject: Amazon SES Setup Notification',
      '',
      'A receipt rule of Amazon SES stores the mail that it is for under this prefix from now on.',
      '',
    ].join('\r\n'),
  );
  store(bucket, key, {
    body,
    etag: `"${createHash('md5').update(body).digest('hex')}"`,
    modified: new Date(state.now()),
    contentType: 'application/octet-stream',
    metadata: {},
    tags: new Map(),
    encryption: bucket.encryption,
  });
  state.objectCreated(bucket, key, 'PutObject', by.principal.account ?? by.principal.arn, '127.0.0.1');
}

/**
 * Writes a notice where each action is to store mail: what SES can't write to, it doesn't take.
 * https://docs.aws.amazon.com/ses/latest/dg/receiving-email-permissions.html#receiving-email-permissions-s3
 * @throws {AwsRefusal} InvalidS3Configuration
 */
function checkBuckets(state: AccountState, ruleSet: string, { Name, Actions }: ReceiptRule): void {
  const source = `arn:${state.partition}:ses:${state.region}:${state.account}:receipt-rule-set/${ruleSet}:receipt-rule/${Name}`;
  const context = { 'aws:SourceArn': source, 'aws:SourceAccount': state.account, 'aws:Referer': state.account };
  for (const { S3Action } of Actions) {
    if (S3Action === undefined) continue;
    const { BucketName, ObjectKeyPrefix = '', IamRoleArn } = S3Action;
    const writer = writerOf(state, IamRoleArn);
    const key = `${ObjectKeyPrefix}AMAZON_SES_SETUP_NOTIFICATION`;
    const resource = `arn:${state.partition}:s3:::${BucketName}/${key}`;
    const bucket = state.s3.buckets.get(String(BucketName));
    if (!bucket || !decide(state, writer, { action: 's3:PutObject', resource, context }).allowed) {
      throw new AwsRefusal('InvalidS3Configuration', `Could not write to bucket: ${BucketName}`);
    }
    leaveNotice(state, bucket, key, writer);
  }
}

/** Who gives SES a role must be allowed to pass it. */
function passRoles({ Actions }: RuleInput): Access[] {
  const roles = listIn(Actions).flatMap(({ S3Action }) => S3Action?.IamRoleArn ?? []);
  const context = { 'iam:PassedToService': 'ses.amazonaws.com' };
  return roles.map((resource) => ({ action: 'iam:PassRole', resource, context }));
}

const createReceiptRuleSet: Operation<OfSet> = {
  service: 'ses',
  name: 'CreateReceiptRuleSet',
  mutates: true,
  access: access('CreateReceiptRuleSet'),
  run({ state, input: { RuleSetName: name } }) {
    validName('ruleSetName', name);
    if (state.ses.ruleSets.has(name)) throw new AwsRefusal('AlreadyExists', `Rule set already exists: ${name}`);
    state.ses.ruleSets.set(name, { name, created: new Date(state.now()), rules: [] });
    return {};
  },
};

/** One that isn't there is deleted already. */
const deleteReceiptRuleSet: Operation<OfSet> = {
  service: 'ses',
  name: 'DeleteReceiptRuleSet',
  mutates: true,
  access: access('DeleteReceiptRuleSet'),
  run({ state, input: { RuleSetName: name } }) {
    if (state.ses.active === name) throw new AwsRefusal('CannotDelete', `Cannot delete active rule set: ${name}`);
    state.ses.ruleSets.delete(name);
    return {};
  },
};

/** Without `After`, the new rule is the first. */
const createReceiptRule: Operation<WithRule & { After?: string }> = {
  service: 'ses',
  name: 'CreateReceiptRule',
  mutates: true,
  access: ({ input }) => [...access('CreateReceiptRule')(), ...passRoles(input.Rule)],
  run({ state, input: { RuleSetName, Rule, After } }) {
    const rule = readRule(Rule);
    const set = ruleSetNamed(state, RuleSetName);
    if (set.rules.some(({ Name }) => Name === rule.Name)) {
      throw new AwsRefusal('AlreadyExists', `Rule already exists: ${rule.Name}`);
    }
    const place = After === undefined ? 0 : placeOf(set, After) + 1;
    checkBuckets(state, set.name, rule);
    set.rules.splice(place, 0, rule);
    return {};
  },
};

/** Replaces the rule as a whole, where it stands. */
const updateReceiptRule: Operation<WithRule> = {
  service: 'ses',
  name: 'UpdateReceiptRule',
  mutates: true,
  access: ({ input }) => [...access('UpdateReceiptRule')(), ...passRoles(input.Rule)],
  run({ state, input: { RuleSetName, Rule } }) {
    const rule = readRule(Rule);
    const set = ruleSetNamed(state, RuleSetName);
    const place = placeOf(set, rule.Name);
    checkBuckets(state, set.name, rule);
    set.rules[place] = rule;
    return {};
  },
};

const deleteReceiptRule: Operation<OfSet & { RuleName: string }> = {
  service: 'ses',
  name: 'DeleteReceiptRule',
  mutates: true,
  access: access('DeleteReceiptRule'),
  run({ state, input: { RuleSetName, RuleName } }) {
    const set = ruleSetNamed(state, RuleSetName);
    set.rules = set.rules.filter(({ Name }) => Name !== RuleName);
    return {};
  },
};

/** "Setting the name to null disables all email receiving." https://docs.aws.amazon.com/ses/latest/APIReference/API_SetActiveReceiptRuleSet.html */
const setActiveReceiptRuleSet: Operation<Partial<OfSet>> = {
  service: 'ses',
  name: 'SetActiveReceiptRuleSet',
  mutates: true,
  access: access('SetActiveReceiptRuleSet'),
  run({ state, input: { RuleSetName } }) {
    state.ses.active = RuleSetName === undefined ? undefined : ruleSetNamed(state, RuleSetName).name;
    return {};
  },
};

/** Says nothing where no set is active. */
const describeActiveReceiptRuleSet: Operation<object> = {
  service: 'ses',
  name: 'DescribeActiveReceiptRuleSet',
  mutates: false,
  access: access('DescribeActiveReceiptRuleSet'),
  run({ state }) {
    const set = state.ses.ruleSets.get(String(state.ses.active));
    return set ? { Metadata: { Name: set.name, CreatedTimestamp: set.created }, Rules: set.rules } : {};
  },
};

export const sesOperations: Operation[] = [
  createReceiptRuleSet,
  deleteReceiptRuleSet,
  createReceiptRule,
  updateReceiptRule,
  deleteReceiptRule,
  setActiveReceiptRuleSet,
  describeActiveReceiptRuleSet,
];
