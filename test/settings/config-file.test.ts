import t from 'tap';
import { parseConfigFile } from '../../src/settings/config-file.js';

const name = 'agentkeys-ses-routing.json';

t.test('values are passed on as in the JSON', async (t) => {
  const text = '{ "memory": 512, "prefixes": ["or"], "tags": { "team": "mail" }, "broker": false, "bucket": null }';
  const { values, faults } = parseConfigFile(text, name);
  t.strictSame(Object.fromEntries(values), {
    memory: 512,
    prefixes: ['or'],
    tags: { team: 'mail' },
    broker: false,
    bucket: null,
  });
  t.strictSame(faults, []);
});

t.test('$schema is for editors', async (t) => {
  const text = '{"$schema":"./settings.schema.json","memory":512}';
  t.strictSame(parseConfigFile(text, name), { values: new Map([['memory', 512]]), faults: [] });
});

t.test('unknown keys', async (t) => {
  const cases: Array<[key: string, fault: string]> = [
    ['memroy', 'unknown setting "memroy"; did you mean "memory"?'],
    ['Memory', 'unknown setting "Memory"; did you mean "memory"?'],
    ['mail-domain', 'unknown setting "mail-domain"; did you mean "mailDomain"?'],
    ['prefix', 'unknown setting "prefix"; did you mean "prefixes"?'],
    ['logRetentions', 'unknown setting "logRetentions"; did you mean "logRetention"?'],
    ['', 'unknown setting ""; did you mean "tags"?'],
    ['constructor', 'unknown setting "constructor"; did you mean "bucket"?'],
    ['yes', '"yes" can\'t be set in the settings file: use --yes'],
    ['removeBroadGrants', '"removeBroadGrants" can\'t be set in the settings file: use --remove-broad-grants'],
  ];
  for (const [key, fault] of cases) {
    t.strictSame(parseConfigFile(JSON.stringify({ [key]: 1 }), name).faults, [`${name}: ${fault}`], key);
  }
  const all = parseConfigFile('{"memroy":1,"timeout":2,"yes":3}', name);
  t.equal(all.faults.length, 2);
  t.strictSame([...all.values.keys()], ['timeout']);
});

t.test('JSON that is not an object', async (t) => {
  for (const text of ['[]', 'null', '1', '"x"']) {
    t.strictSame(parseConfigFile(text, name).faults, [`${name} must contain a JSON object`], text);
  }
});

t.test('text that is not JSON: the place of the first error', async (t) => {
  const cases: Array<[text: string, line: number, column: number]> = [
    ['', 1, 1],
    ['  ', 1, 3],
    ['{', 1, 2],
    ['{]', 1, 2],
    ['{memory: 1}', 1, 2],
    ["{'memory': 1}", 1, 2],
    ['{"memory" 1}', 1, 11],
    ['{"memory": }', 1, 12],
    ['{\n  "memory": 256,\n}', 3, 1],
    ['{\n  "memory": 256\n  "timeout": 30\n}', 3, 3],
    ['{\r\n  "memory": 256,\r\n  "timeout": 030\r\n}', 3, 15],
    ['{"tags": {"a": "b",}}', 1, 20],
    ['{"prefixes": ["or",]}', 1, 20],
    ['{"prefixes": ["or" "pr"]}', 1, 20],
    ['{"prefixes": [], "x": {}, "y": [[1, -2.5e3], true, null, false]', 1, 64],
    ['{"a": 1} {"b": 2}', 1, 10],
    ['{"a": 1} x', 1, 10],
    ['{"a": "\\x"}', 1, 7],
    ['{"a": "tab\there"}', 1, 7],
    ['{"a": "\\u00e9", "b": tru}', 1, 22],
    ['{"a": 1, // comment\n"b": 2}', 1, 10],
    ['{"a": .5}', 1, 7],
    ['{"a": 1.}', 1, 8],
    ['{1: 2}', 1, 2],
    ['{"a": undefined}', 1, 7],
  ];
  for (const [text, line, column] of cases) {
    t.throws(() => JSON.parse(text), text);
    const expected = `${name} is not valid JSON: syntax error at line ${line}, column ${column}`;
    t.strictSame(parseConfigFile(text, name), { values: new Map(), faults: [expected] }, text);
  }
});
