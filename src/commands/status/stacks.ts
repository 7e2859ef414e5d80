/**
 * `status --all`: the stacks of the account in a region. Read-only.
 *
 * They are found by their rules: a listing of rules shows description and pattern, while a listing of functions would show the
 * environment variables, and so perhaps the secrets, of all functions of the account.
 */
import { ListTargetsByRuleCommand } from '@aws-sdk/client-eventbridge';
import { GetFunctionCommand } from '@aws-sdk/client-lambda';
import { STACK_TAG, stackOfRule } from '../../agentkeys/names.js';
import { ifExists, OperatorError } from '../../aws/errors.js';
import type { Settings } from '../../settings/index.js';
import { deployedVersion, versionOf } from '../../stack/resources/function/version.js';
import { targetId } from '../../stack/resources/retry/names.js';
import { listMailRules, type MailRule } from '../../stack/resources/stack/stack.js';
import type { Identity, Scope } from '../../stack/scope.js';
import type { Host } from '../../terminal/host.js';
import { asTime, wrap } from '../../terminal/text.js';
import { withProgress } from '../shared/read-and-plan.js';
import { defaultRuntime, type Runtime, withScope } from '../shared/session.js';
import { type Attempt, attempt } from './attempt.js';
import { unavailable, versionLine } from './render.js';
import type { Code } from './report.js';
import type { StacksDocument } from './schema.js';

/** The function of a stack: what it routes, and which code it has. */
interface ListedFunction {
  name: string;
  code: Code;
  prefixes: string[];
  /** Undefined: any. */
  mailDomain: string | undefined;
  /** The name in its tag. */
  stack: string | undefined;
}

/** A stack, by its rule. */
interface ListedStack {
  /** Undefined for the unnamed stack, and for one with names of its own that has no tag. */
  name: string | undefined;
  rule: MailRule;
  /** Undefined if the rule has no target of this tool. */
  function: Attempt<ListedFunction | undefined>;
}

/**
 * @returns the exit status: 0.
 * @throws OperatorError or the SDK's own errors when the rules can't be listed; a function that can't be read is shown as unknown.
 */
export function listStacks(settings: Settings, host: Host, runtime: Runtime = defaultRuntime): Promise<number> {
  return withScope(settings, host, runtime, async (scope, current) => {
    const stacks = await withProgress(host, 'List the stacks', current, () => readStacks(scope));
    scope.signal.throwIfAborted();
    const { identity } = scope;
    const document = () => stacksAsJson(stacks, identity, new Date(scope.clock.now()));
    if (settings.json) host.print(JSON.stringify(document(), null, 2));
    else for (const line of renderStacks(stacks, identity, host.width)) host.print(line);
    return 0;
  });
}

async function readStacks(scope: Scope): Promise<ListedStack[]> {
  const rules = await listMailRules(scope);
  const stacks = rules.map(async (rule) => {
    const routing = await attempt(readFunction(rule.name, scope), scope.settings);
    const tagged = 'value' in routing ? routing.value?.stack : undefined;
    return { name: tagged ?? stackOfRule(rule.name), rule, function: routing };
  });
  return Promise.all(stacks);
}

/** The function to which a rule sends the mail's events; undefined if there is none. */
async function readFunction(Rule: string, { aws, code }: Scope): Promise<ListedFunction | undefined> {
  const targets = await ifExists(aws.events.send(new ListTargetsByRuleCommand({ Rule })));
  const arn = targets?.Targets?.find(({ Id }) => Id === targetId)?.Arn;
  if (arn === undefined) return undefined;
  const found = await ifExists(aws.lambda.send(new GetFunctionCommand({ FunctionName: arn })));
  if (found?.Configuration === undefined) return undefined;
  if (found.TagsError !== undefined) throw new OperatorError(`AWS denied lambda:ListTags on ${arn}.`);
  const { Configuration: configuration, Tags: tags = {} } = found;
  const { MAIL_DOMAIN, PREFIXES = '' } = { ...configuration.Environment?.Variables };
  return {
    name: String(configuration.FunctionName),
    code: { deployed: deployedVersion({ configuration, tags }, code), here: versionOf(code) },
    prefixes: PREFIXES.split(',').filter((prefix) => prefix !== ''),
    mailDomain: MAIL_DOMAIN || undefined,
    stack: tags[STACK_TAG],
  };
}

/** Pure. */
function renderStacks(stacks: ListedStack[], { account, partition, region }: Identity, width: number): string[] {
  const fact = (name: string, text: string) => wrap(text, width, `  ${name}`.padEnd(12), ' '.repeat(12));
  const routing = (one: ListedStack['function']) => {
    if ('unknown' in one) return fact('function', unavailable(one));
    if (one.value === undefined) return fact('function', 'missing: no mail is routed');
    const { name, code, prefixes, mailDomain = 'any domain' } = one.value;
    return [
      ...fact('function', name),
      ...fact('version', versionLine(code)),
      ...fact('routes', `${prefixes.map((prefix) => `${prefix}-0x…`).join(', ')} at ${mailDomain}`),
    ];
  };
  return [
    `Stacks in account ${account} (${partition}), region ${region}`,
    ...stacks.flatMap(({ name, rule, function: one }) => [
      '',
      name ?? '(unnamed)',
      ...fact('bucket', rule.buckets.join(', ')),
      ...fact('rule', `${rule.name}${rule.state === 'ENABLED' ? '' : `, ${rule.state}: no mail is routed`}`),
      ...routing(one),
    ]),
    '',
    stacks.length === 0 ? 'None.' : `${stacks.length} in all; \`status --stack <name>\` shows one.`,
  ];
}

/** Pure. */
function stacksAsJson(stacks: ListedStack[], identity: Identity, at: Date): StacksDocument {
  const asJson = ({ code, mailDomain, name, prefixes }: ListedFunction) => {
    const { how, ...known } = code.deployed;
    return { name, deployed: how, ...known, here: code.here, prefixes, mailDomain: mailDomain ?? null };
  };
  return {
    version: 1,
    at: asTime(at),
    ...identity,
    stacks: stacks.map(({ name, rule, function: one }) => ({
      stack: name ?? null,
      buckets: rule.buckets,
      rule: rule.name,
      enabled: rule.state === 'ENABLED',
      function: 'unknown' in one ? one : one.value === undefined ? null : asJson(one.value),
    })),
  };
}
