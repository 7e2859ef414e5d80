/**
 * Who may import whom (docs/design.md, "The house"). Checked by `npm run lint`, type imports included.
 *
 * Each level may import the ones after it; folders of one level do not import each other.
 */
const levels = [
  ['bin'],
  ['src/cli'],
  ['src/commands'],
  ['src/stack'],
  ['src/vault'],
  ['src/settings', 'src/mailbox'],
  ['src/reconcile', 'src/agentkeys'],
  ['src/aws', 'src/terminal', 'src/policy', 'src/package', 'src/schema', 'handler'],
];

const inFolder = (folders) => `^(${folders.join('|')})/`;

/** Each level may import itself and the levels below it. */
const downwards = levels.flatMap((level, depth) =>
  // Nothing lies above the first.
  (depth === 0 ? [] : level).map((folder) => ({
    name: `downwards-from-${folder.replace('src/', '')}`,
    comment: 'Imports go down.',
    severity: 'error',
    from: { path: inFolder([folder]) },
    to: {
      path: '^(bin|src|handler)/',
      pathNot: inFolder([folder, 'src/sandbox', ...levels.slice(depth + 1).flat()]),
    },
  })),
);

/** The order inside `src/stack`. */
const stack = [
  [
    'the resource contract',
    'resource|scope|tags|role-policies|canonical-json|policy-diff',
    'broker|resources|legacy|index|operator-policy',
  ],
  ['broker', 'broker', 'resources|legacy|index|operator-policy'],
  ['resources', 'resources', 'legacy|index|operator-policy'],
  ['legacy', 'legacy', 'index|operator-policy'],
].map(([name, from, to]) => ({
  name: `stack-${name.replaceAll(' ', '-')}`,
  comment: 'Inside the stack: index, then legacy, resources, broker, and the contract last, which knows none of them.',
  severity: 'error',
  from: { path: `^src/stack/(${from})(\\.ts|/)` },
  to: { path: `^src/stack/(${to})(\\.ts|/)` },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'No cycles, type imports included.',
      severity: 'error',
      from: { path: '^(bin|src|handler)/' },
      to: { circular: true },
    },
    ...downwards,
    ...stack,
    {
      name: 'policy-alone',
      comment: 'The policy language imports nothing but Node.js.',
      severity: 'error',
      from: { path: '^src/policy/' },
      to: { pathNot: '^src/policy/', dependencyTypesNot: ['core'] },
    },
    {
      name: 'sandbox-imports-policy-only',
      comment: 'The embedded AWS knows nothing of this tool.',
      severity: 'error',
      from: { path: '^src/sandbox/' },
      to: { path: '^(bin|src|handler|test)/', pathNot: '^src/(sandbox|policy)/' },
    },
    {
      name: 'sandbox-for-demo-only',
      comment: 'Only the demo and the tests start the embedded AWS.',
      severity: 'error',
      from: { path: '^(bin|src|handler)/', pathNot: '^src/(sandbox|commands/demo)/' },
      to: { path: '^src/sandbox/' },
    },
    {
      name: 'sandbox-by-its-door',
      comment: 'The embedded AWS is used through src/sandbox/index.ts; its own tests look inside.',
      severity: 'error',
      from: { path: '^(bin|src|handler|test)/', pathNot: '^(src|test)/sandbox/' },
      to: { path: '^src/sandbox/', pathNot: '^src/sandbox/index\\.ts$' },
    },
    {
      name: 'commander-in-the-command-line',
      comment: 'Only the command line parses arguments.',
      severity: 'error',
      from: {
        path: '^(bin|src|handler)/',
        pathNot: '^src/(cli/|commands/[a-z]+/command\\.ts$|commands/shared/(definition|flags|parsers)\\.ts$)',
      },
      to: { path: '(^|/)node_modules/commander/' },
    },
    {
      name: 'production-without-tests',
      comment: 'What is published does not import tests.',
      severity: 'error',
      from: { path: '^(bin|src|handler)/' },
      to: { path: '^test/' },
    },
    {
      name: 'resolvable',
      comment: 'Every import can be resolved.',
      severity: 'error',
      from: { path: '^(bin|src|handler|test)/' },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
