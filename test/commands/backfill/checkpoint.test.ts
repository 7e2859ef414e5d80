import t from 'tap';
import { Watermark } from '../../../src/commands/backfill/checkpoint.js';

t.test('it stands behind the earliest part that is under way', async (t) => {
  const watermark = new Watermark();
  t.equal(watermark.through, undefined);
  const [a, b, c] = [watermark.begin('a'), watermark.begin('b'), watermark.begin('c')];
  watermark.end(b);
  t.equal(watermark.through, undefined, 'a is under way');
  watermark.end(a);
  t.equal(watermark.through, 'b');
  watermark.end(c);
  t.equal(watermark.through, 'c');
});

t.test('it starts where the listing does', async (t) => {
  const watermark = new Watermark('k');
  t.equal(watermark.through, 'k');
  watermark.end(watermark.begin('m'));
  t.equal(watermark.through, 'm');
});

t.test('it never passes a part that failed, nor is more kept of what comes after it', async (t) => {
  const watermark = new Watermark();
  const [a, b, c] = [watermark.begin('a'), watermark.begin('b'), watermark.begin('c')];
  watermark.stopBefore(b);
  watermark.end(c);
  watermark.end(a);
  t.equal(watermark.through, 'a');
  const d = watermark.begin('d');
  watermark.end(d);
  t.equal(watermark.through, 'a');
  watermark.stopBefore(d);
  t.equal(watermark.through, 'a', 'a later failure changes nothing');
});

t.test('an earlier failure counts, also when a later one was known first', async (t) => {
  const watermark = new Watermark();
  const [a, b, c] = [watermark.begin('a'), watermark.begin('b'), watermark.begin('c')];
  watermark.stopBefore(c);
  watermark.stopBefore(b);
  watermark.end(a);
  t.equal(watermark.through, 'a');
});
