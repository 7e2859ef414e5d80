/**
 * Each public function of the mailbox and of the vault has an `@example` in its docstring, and it compiles against the published declarations.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import typescript from 'typescript';

/** The functions that the entry point exports, with the files they are in. */
async function publicFunctions(library: string): Promise<Array<{ name: string; file: string }>> {
  const index = await readFile(`src/${library}/index.ts`, 'utf8');
  const exports = [...index.matchAll(/export \{([^}]*)\} from '\.\/([\w/-]+)\.js'/g)];
  return exports.flatMap(([, names = '', file = '']) =>
    (names.match(/(?<![\w ]type |\w)\b[a-z]\w*/g) ?? [])
      .filter((name) => name !== 'type')
      .map((name) => ({ name, file: `src/${library}/${file}.ts` })),
  );
}

/** The example in the docstring above a function's first declaration. */
async function exampleOf({ name, file }: { name: string; file: string }): Promise<string | undefined> {
  const source = await readFile(file, 'utf8');
  const end = source.search(new RegExp(`export (?:async )?function ${name}\\b`));
  const docstring = source.slice(source.lastIndexOf('/**', end), end);
  const [, example] = /@example\n \* ```ts\n([\s\S]*?) \* ```/.exec(docstring) ?? [];
  return example?.replace(/^ \* ?/gm, '');
}

t.test('the examples of the public functions compile', async (t) => {
  const functions = [...(await publicFunctions('mailbox')), ...(await publicFunctions('vault'))];
  t.strictSame(functions.map(({ name }) => name).sort(), [
    'assumeDataRole',
    'fetchVerificationCode',
    'fetchViaSesS3',
    'httpSigner',
    'localSigner',
    'openVault',
    'reencrypt',
    'signupAddress',
    'waitForMail',
    'walletFromToken',
  ]);
  // Below this repository, whose own name resolves to what was built of it.
  const folder = t.testdir({});
  const files: string[] = [];
  for (const one of functions) {
    const example = await exampleOf(one);
    t.match(example, `${one.name}(`, `${one.name} has an example`);
    const file = join(folder, `${one.name}.ts`);
    await writeFile(file, String(example));
    files.push(file);
  }
  const program = typescript.createProgram(files, {
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    noUnusedLocals: true,
    noEmit: true,
    skipLibCheck: true,
    target: typescript.ScriptTarget.ES2022,
    module: typescript.ModuleKind.NodeNext,
    moduleResolution: typescript.ModuleResolutionKind.NodeNext,
    types: ['node'],
  });
  const faults = typescript
    .getPreEmitDiagnostics(program)
    .map(({ file, messageText }) => `${file?.fileName}: ${typescript.flattenDiagnosticMessageText(messageText, '\n')}`);
  t.strictSame(faults, []);
});
