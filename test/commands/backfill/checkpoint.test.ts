import t from 'tap';
import { Checkpoint } from '../../../src/commands/backfill/checkpoint.js';

t.test('it stays before the earliest part in progress', async (t) => {
  const checkpoint = new Checkpoint();
  t.equal(checkpoint.through, undefined);
  const [a, b, c] = [checkpoint.begin('a'), checkpoint.begin('b'), checkpoint.begin('c')];
  checkpoint.end(b);
  t.equal(checkpoint.through, undefined, 'a is under way');
  checkpoint.end(a);
  t.equal(checkpoint.through, 'b');
  checkpoint.end(c);
  t.equal(checkpoint.through, 'c');
});

t.test('it starts where the listing does', async (t) => {
  const checkpoint = new Checkpoint('k');
  t.equal(checkpoint.through, 'k');
  checkpoint.end(checkpoint.begin('m'));
  t.equal(checkpoint.through, 'm');
});

t.test('it never passes a failed part, and keeps nothing of later parts', async (t) => {
  const checkpoint = new Checkpoint();
  const [a, b, c] = [checkpoint.begin('a'), checkpoint.begin('b'), checkpoint.begin('c')];
  checkpoint.stopBefore(b);
  checkpoint.end(c);
  checkpoint.end(a);
  t.equal(checkpoint.through, 'a');
  const d = checkpoint.begin('d');
  checkpoint.end(d);
  t.equal(checkpoint.through, 'a');
  checkpoint.stopBefore(d);
  t.equal(checkpoint.through, 'a', 'a later failure changes nothing');
});

t.test('it passes what fails for good, and remembers where that began', async (t) => {
  const checkpoint = new Checkpoint('k');
  const [a, b, c] = [checkpoint.begin('m'), checkpoint.begin('n'), checkpoint.begin('o')];
  t.equal(checkpoint.retry, undefined);
  checkpoint.fail(c);
  checkpoint.fail(b);
  checkpoint.end(a);
  t.equal(checkpoint.through, 'o');
  t.equal(checkpoint.retry?.after, 'm');
  checkpoint.fail(checkpoint.begin('p'));
  t.equal(checkpoint.retry?.after, 'm', 'the first one counts');
});

t.test('a run that resumes before what failed for good tries it again', async (t) => {
  const checkpoint = new Checkpoint();
  const [a, b, c] = [checkpoint.begin('a'), checkpoint.begin('b'), checkpoint.begin('c')];
  checkpoint.fail(b);
  checkpoint.stopBefore(a);
  checkpoint.fail(c);
  t.equal(checkpoint.through, undefined);
  t.equal(checkpoint.retry, undefined);
});

t.test('an earlier failure counts, even if a later one was reported first', async (t) => {
  const checkpoint = new Checkpoint();
  const [a, b, c] = [checkpoint.begin('a'), checkpoint.begin('b'), checkpoint.begin('c')];
  checkpoint.stopBefore(c);
  checkpoint.stopBefore(b);
  checkpoint.end(a);
  t.equal(checkpoint.through, 'a');
});
