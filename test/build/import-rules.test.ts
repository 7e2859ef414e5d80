/** The import rules of .dependency-cruiser.mjs: each refuses the imports that it forbids. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { cruise, type ICruiseOptions, type ICruiseResult } from 'dependency-cruiser';
import t, { type Test } from 'tap';

interface Configuration {
  forbidden: Array<{ name: string }>;
  options: ICruiseOptions;
}

const { default: configuration }: { default: Configuration } = await import(
  new URL('../../.dependency-cruiser.mjs', import.meta.url).href
);

/** A file, and the file that it imports. */
type Import = [from: string, to: string];

/** Imports that each rule refuses; a type import counts as well. */
const refused: Record<string, Import[]> = {
  'no-cycles': [
    ['src/aws/one.ts', 'src/aws/two.ts'],
    ['src/aws/two.ts', 'src/aws/one.ts'],
  ],
  'downwards-from-cli': [['src/cli/main.ts', 'bin/main.ts']],
  'downwards-from-commands': [['src/commands/deploy/command.ts', 'src/cli/main.ts']],
  'downwards-from-stack': [['src/stack/index.ts', 'src/commands/shared/session.ts']],
  'downwards-from-vault': [['src/vault/vault.ts', 'src/stack/index.ts']],
  'downwards-from-settings': [['src/settings/table.ts', 'src/mailbox/index.ts']],
  'downwards-from-mailbox': [['src/mailbox/address.ts', 'src/settings/validators.ts']],
  'downwards-from-reconcile': [['src/reconcile/plan.ts', 'src/stack/index.ts']],
  'downwards-from-agentkeys': [['src/agentkeys/names.ts', 'src/settings/table.ts']],
  'downwards-from-aws': [['src/aws/clients.ts', 'src/terminal/host.ts']],
  'downwards-from-terminal': [['src/terminal/host.ts', 'src/reconcile/render.ts']],
  'downwards-from-policy': [['src/policy/document.ts', 'src/aws/errors.ts']],
  'downwards-from-package': [['src/package/zip.ts', 'src/aws/errors.ts']],
  'downwards-from-schema': [['src/schema/schema.ts', 'src/aws/errors.ts']],
  'downwards-from-handler': [['handler/read.ts', 'src/aws/errors.ts']],
  'stack-the-resource-contract': [['src/stack/resource.ts', 'src/stack/resources/rule.ts']],
  'stack-broker': [['src/stack/broker/broker.ts', 'src/stack/resources/rule.ts']],
  'stack-resources': [['src/stack/resources/bucket/events.ts', 'src/stack/legacy/index.ts']],
  'stack-legacy': [['src/stack/legacy/index.ts', 'src/stack/index.ts']],
  'policy-alone': [['src/policy/evaluate.ts', 'handler/read.ts']],
  'sandbox-imports-policy-only': [['src/sandbox/index.ts', 'src/agentkeys/names.ts']],
  'sandbox-for-demo-only': [['src/commands/verify/verify.ts', 'src/sandbox/index.ts']],
  'sandbox-by-its-door': [['test/cli/main.test.ts', 'src/sandbox/account/state.ts']],
  'commander-in-the-command-line': [['src/stack/scope.ts', 'node_modules/commander/index.js']],
  'production-without-tests': [['src/aws/waits.ts', 'test/support/operator.ts']],
  resolvable: [['src/aws/clients.ts', 'src/aws/missing.ts']],
};

/** Writes the files. @returns the rules that their imports break */
async function broken(t: Test, imports: Import[]): Promise<string[]> {
  const baseDir = t.testdir({ bin: {}, src: {}, handler: {}, test: {} });
  const texts = new Map<string, string>();
  const missing = imports.flatMap(([, to]) => (to.includes('missing') ? [] : [to]));
  for (const file of missing) texts.set(file, 'export type Value = string;\n');
  for (const [from, to] of imports) {
    const up = '../'.repeat(from.split('/').length - 1);
    const own = texts.get(from) ?? '';
    texts.set(
      from,
      `import type { Value as Other } from '${up}${to.replace(/\.ts$/, '.js')}';\nexport type Own = Other;\n${own}`,
    );
  }
  for (const [file, text] of texts) {
    await mkdir(dirname(join(baseDir, file)), { recursive: true });
    await writeFile(join(baseDir, file), text);
  }
  const { tsConfig, ...options } = configuration.options;
  const ruleSet = { forbidden: configuration.forbidden };
  const { output } = await cruise(['bin', 'src', 'handler', 'test'], {
    ...options,
    baseDir,
    validate: true,
    ruleSet,
  } as ICruiseOptions);
  return [...new Set((output as ICruiseResult).summary.violations.map(({ rule }) => rule.name))];
}

t.test('each rule refuses the imports that it forbids', async (t) => {
  t.strictSame(
    Object.keys(refused).sort(),
    configuration.forbidden.map(({ name }) => name).sort(),
    'every rule has its case',
  );
  for (const [rule, imports] of Object.entries(refused)) {
    const found = await broken(t, imports);
    t.ok(
      found.includes(rule),
      `${rule}: ${imports.map((each) => each.join(' -> ')).join(', ')} breaks ${found.join(', ') || 'nothing'}`,
    );
  }
});

t.test('imports that go down are allowed', async (t) => {
  t.strictSame(
    await broken(t, [
      ['src/cli/main.ts', 'src/commands/deploy/command.ts'],
      ['src/commands/deploy/command.ts', 'src/stack/index.ts'],
      ['src/commands/demo/demo.ts', 'src/sandbox/index.ts'],
      ['src/sandbox/index.ts', 'src/policy/document.ts'],
      ['src/stack/index.ts', 'src/stack/legacy/index.ts'],
      ['src/stack/legacy/index.ts', 'src/stack/resources/rule.ts'],
      ['src/stack/resources/rule.ts', 'src/stack/resource.ts'],
      ['src/mailbox/address.ts', 'handler/mail/address.ts'],
    ]),
    [],
  );
});
