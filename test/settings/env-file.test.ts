import t from 'tap';
import { parseEnvFile } from '../../src/settings/env-file.js';

const shell = 'its value requires shell expansion';
const open = 'its closing quote is missing on the same line';

t.test('values', async (t) => {
  const env = { HOME_DIR: '/home/ada', EMPTY: '', EARLIER: 'from the environment' };
  const cases: Array<[line: string, value: string | undefined, fault?: string]> = [
    ['X=plain', 'plain'],
    ['export X=plain', 'plain'],
    ['  export   X=plain', 'plain'],
    ['X=', ''],
    ['X=""', ''],
    ["X=''", ''],
    ['X="a b"', 'a b'],
    ["X='a b'", 'a b'],
    ['X=a # comment', 'a'],
    ['X=a\t#comment', 'a'],
    ['X=a   ', 'a'],
    ['X= # comment', ''],
    ['X=a#b', 'a#b'],
    ['X="a # b" # c', 'a # b'],
    ['X=a=b', 'a=b'],
    [`X='\${HOME_DIR} $(x) \`y\` \\'`, `\${HOME_DIR} $(x) \`y\` \\`],
    [`X=\${HOME_DIR}/x`, '/home/ada/x'],
    ['X=$HOME_DIR/x', '/home/ada/x'],
    [`X="\${HOME_DIR} $HOME_DIR"`, '/home/ada /home/ada'],
    [`X=\${EARLIER}`, 'from an earlier line'],
    [`X=[\${EMPTY}]`, '[]'],
    [`X="a"'b'c\${EMPTY}"d"`, 'abcd'],
    ['X=a\\ b\\$c', 'a b$c'],
    ['X="a \\"b\\" \\$c \\\\ \\`d\\` \\n"', 'a "b" $c \\ `d` \\n'],
    ['X=5$', '5$'],
    ['X="5$ each"', '5$ each'],
    ['X="5$"', '5$'],
    [`X=\${NOT_SET}`, undefined, 'it refers to NOT_SET, which is not set'],
    ['X=a$NOT_SET', undefined, 'it refers to NOT_SET, which is not set'],
    [`X=\${HOME_DIR#*.}`, undefined, shell],
    [`X=\${HOME_DIR:-y}`, undefined, shell],
    ['X=$(hostname)', undefined, shell],
    ['X="a $(hostname)"', undefined, shell],
    ['X=`hostname`', undefined, shell],
    ['X="`hostname`"', undefined, shell],
    ['X=$1', undefined, shell],
    ['X=$?', undefined, shell],
    ["X=$'a'", undefined, shell],
    ['X=$"a"', undefined, shell],
    ['X=a b', undefined, shell],
    ['X=a;b', undefined, shell],
    ['X=a|b', undefined, shell],
    ['X=(a b)', undefined, shell],
    ["X='a", undefined, shell],
    ['X="a', undefined, open],
    ['X=a\\', undefined, shell],
  ];
  for (const [line, value, fault] of cases) {
    const { variables, faults } = parseEnvFile(`EARLIER='from an earlier line'\n${line}\n`, 'operator.env', env);
    t.equal(variables.get('X'), value, line);
    t.strictSame(
      [...faults],
      fault === undefined ? [] : [['X', `operator.env line 2: X can't be used: ${fault}`]],
      line,
    );
  }
});

t.test('lines', async (t) => {
  const text = [
    '# the mail of the bots',
    '',
    'A=1\r',
    '   # indented',
    'set -a',
    'B = 2',
    '1C=3',
    'export D',
    'A=$A$A',
    'E=$(hostname)',
    `F=\${E}.example.org`,
    'E=known',
    'G=$E',
    'SECRET=$(cat token)',
    'declare -x H=1',
    'if [ "$A" = 1 ]; then',
    'I=$(x)',
    'I=fixed',
  ].join('\n');
  const { variables, faults } = parseEnvFile(text, 'x.env', { E: 'from the environment' });
  t.strictSame(
    [...variables].filter(([, value]) => value !== undefined),
    [
      ['A', '11'],
      ['E', 'known'],
      ['G', 'known'],
      ['I', 'fixed'],
    ],
  );
  t.strictSame(Object.fromEntries(faults), {
    B: "x.env line 6: B can't be used: the line is not NAME=value",
    F: "x.env line 11: F can't be used: it refers to E, which is not set",
    SECRET: `x.env line 14: SECRET can't be used: ${shell}`,
    H: "x.env line 15: H can't be used: the line is not NAME=value",
  });
});
