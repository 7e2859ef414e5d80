/**
 * The documents' code and data are valid: TypeScript compiles against the published declarations, JSON parses.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import typescript from 'typescript';
import { parsePolicy } from '../../src/policy/document.js';
import { type Block, blocksOf, documentNames, hiddenCommands, readBlocks } from './markdown.js';

/** All blocks of a language, in all documents. */
async function allBlocks(language: string): Promise<Block[]> {
  const blocks = (await documentNames()).map((document) => readBlocks(document, language));
  return (await Promise.all(blocks)).flat();
}

const strict: typescript.CompilerOptions = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noImplicitOverride: true,
  noUnusedLocals: true,
  noUnusedParameters: true,
  noEmit: true,
  skipLibCheck: true,
  target: typescript.ScriptTarget.ES2022,
  module: typescript.ModuleKind.NodeNext,
  moduleResolution: typescript.ModuleResolutionKind.NodeNext,
  types: ['node'],
};

t.test('TypeScript compiles, strictly, under the file names of the blocks', async (t) => {
  const blocks = await allBlocks('ts');
  t.ok(blocks.length > 1);
  // Inside this repository, so that the package's name resolves to the built package.
  const folder = t.testdir({ after: {}, before: {} });
  const files = new Map(blocks.map((block, index) => [join(folder, block.words[0] ?? `block-${index}.ts`), block]));
  t.equal(files.size, blocks.length, 'names are unique');
  for (const [file, { text }] of files) await writeFile(file, text);
  const program = typescript.createProgram([...files.keys()], strict);
  const faults = typescript.getPreEmitDiagnostics(program).map(({ file, start = 0, messageText }) => {
    const block = files.get(file?.fileName ?? '');
    const line = (file?.getLineAndCharacterOfPosition(start).line ?? 0) + (block?.line ?? 0);
    return `${block?.document}:${line}: ${typescript.flattenDiagnosticMessageText(messageText, '\n')}`;
  });
  t.strictSame(faults, []);
});

t.test('JSON parses, and policies are valid', async (t) => {
  const blocks = await allBlocks('json');
  t.ok(blocks.length > 1);
  for (const { document, line, text } of blocks) {
    const place = `${document}:${line}`;
    const value: object = JSON.parse(text);
    t.ok(value, place);
    if ('Statement' in value) t.ok(parsePolicy(text).Statement.length > 0, `${place} is a policy`);
  }
});

t.test('every block has a language that a test checks, and every command is in a shell block', async (t) => {
  for (const document of await documentNames()) {
    const markdown = await readFile(document, 'utf8');
    const others = blocksOf(document, markdown).filter(
      ({ language }) => !['ts', 'json', 'sh', 'text', 'mermaid', 'yaml'].includes(language),
    );
    t.strictSame(others, [], document);
    t.strictSame(hiddenCommands(document, markdown), [], document);
  }
});
