import t from 'tap';
import { expand, patternOf, type RequestContext, variablesIn } from '../../src/policy/variables.js';
import { matchesPattern } from '../../src/policy/wildcard.js';

const context: RequestContext = new Map([
  ['aws:username', ['ada']],
  ['aws:principaltag/cost center', ['blue']],
  ['aws:principaltag/star', ['a*']],
  ['aws:tagkeys', ['one', 'two']],
  ['aws:empty', []],
]);

function expanded(text: string, values: RequestContext | undefined = context): string | undefined {
  return expand(text, values)
    ?.map((segment) => segment.text)
    .join('');
}

t.test('variables are replaced', async (t) => {
  const cases: Array<[text: string, expected: string | undefined]> = [
    ['', ''],
    ['plain', 'plain'],
    [`home/\${aws:username}/x`, 'home/ada/x'],
    [`\${AWS:UserName}`, 'ada'],
    [`\${aws:username}\${aws:username}`, 'adaada'],
    [`\${ aws:username }`, 'ada'],
    [`\${aws:PrincipalTag/cost center}`, 'blue'],
    [`\${aws:PrincipalTag/none}`, undefined],
    [`x\${aws:PrincipalTag/none, 'company-wide'}y`, 'xcompany-widey'],
    [`\${aws:PrincipalTag/none, ''}`, ''],
    [`\${aws:username, 'other'}`, 'ada'],
    [`\${aws:TagKeys}`, undefined],
    [`\${aws:TagKeys, 'several'}`, 'several'],
    [`\${aws:empty}`, undefined],
    [`\${*}\${?}\${$}`, '*?$'],
    [`\${}`, `\${}`],
    [`\${unclosed`, `\${unclosed`],
    ['$aws:username', '$aws:username'],
  ];
  for (const [text, expected] of cases) t.equal(expanded(text), expected, text);
});

t.test('an older Version does not support variables', async (t) => {
  t.equal(expand(`\${aws:username}`, undefined)?.[0]?.text, `\${aws:username}`);
});

t.test("wildcards count in the policy's text, not in a variable's value", async (t) => {
  const cases: Array<[text: string, value: string, expected: boolean]> = [
    [`\${aws:PrincipalTag/star}/*`, 'a*/x', true],
    [`\${aws:PrincipalTag/star}/*`, 'ab/x', false],
    [`\${*}`, '*', true],
    [`\${*}`, 'anything', false],
    [`\${aws:none, '*'}`, 'anything', false],
  ];
  for (const [text, value, expected] of cases) {
    t.equal(matchesPattern(patternOf(expand(text, context) ?? []), value), expected, `${text} and ${value}`);
  }
});

t.test("the keys of a text's variables", async (t) => {
  const text = `\${aws:username}/\${*}/\${ aws:PrincipalTag/cost center }/\${aws:none, 'x'}/\${open`;
  t.strictSame(variablesIn(text), ['aws:username', 'aws:PrincipalTag/cost center', 'aws:none']);
  t.strictSame(variablesIn('plain'), []);
});
