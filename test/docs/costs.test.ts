/**
 * docs/cloud-setup.md, what it costs: the amounts are counted while mail is routed, and the sum is computed from the prices.
 * `TAP_SNAPSHOT=1 npx tap test/docs/costs.test.ts` regenerates the part.
 */
import { readFile, writeFile } from 'node:fs/promises';
import t from 'tap';
import { delivered, deployed, messages } from '../support/mail.js';
import { startOperator } from '../support/operator.js';
import { withPart } from '../support/readme.js';
import { assumed, costsTable, linesOf, type Message, metricsAMonth, prices, total } from './costs.js';

const page = 'docs/cloud-setup.md';

t.test('the costs', async (t) => {
  const operator = await startOperator(t);
  const { sandbox } = operator;
  await deployed(operator);
  let events = 0;
  const { objectCreated } = sandbox.state;
  sandbox.state.objectCreated = (...creation) => {
    events++;
    objectCreated(...creation);
  };

  /** What one of the messages uses. */
  async function measured(file: string): Promise<Message> {
    const message = messages.filter((one) => one.file === file);
    const [before, eventsBefore, logBefore] = [sandbox.calls.length, events, logged()];
    await delivered(operator, message);
    const calls = sandbox.calls.slice(before);
    const copies = calls.filter(({ operation }) => operation === 'CopyObject').length;
    return {
      gets: calls.filter(({ operation }) => operation === 'GetObject').length,
      copies,
      events: events - eventsBefore,
      copied: copies * (message[0]?.raw.length ?? 0),
      // Times vary in their number of digits: rounded to a quarter of a kilobyte, the size is the same in each run.
      logged: Math.round((logged() - logBefore) / 250) * 250,
    };
  }
  function logged(): number {
    const streams = sandbox.state.logs.groups.get('/aws/lambda/agentkeys-ses-routing')?.streams.values() ?? [];
    return [...streams].flat().reduce((sum, { message }) => sum + Buffer.byteLength(message), 0);
  }

  const routed = await measured('routed-signup.eml');
  const staying = await measured('magic-link.eml');
  t.match(routed, { gets: 1, copies: 1, events: 2 });
  t.match(staying, { gets: 1, copies: 0, events: 1, copied: 0 });
  const expected = withPart(await readFile(page, 'utf8'), 'costs', costsTable(routed, staying));
  if (process.env.TAP_SNAPSHOT === '1') await writeFile(page, expected);
  const text = await readFile(page, 'utf8');
  t.equal(text, expected);

  // The figures in the text.
  const { metrics, dollars } = metricsAMonth();
  for (const said of [
    `**${(total(routed) * 100).toFixed(1)} cents when they are routed, ${(total(staying) * 100).toFixed(1)} cents`,
    `${(routed.copied / 1_000).toFixed(1)} kB of mail, ${routed.logged.toLocaleString('en-US')} bytes of log`,
    `${assumed.seconds} s a message at ${assumed.gigabytes * 1_024} MiB`,
    `${metrics} at most: ${dollars.toFixed(2)} USD a month`,
    `${(prices.copy.dollars * 30 * 1_000).toFixed(2)} USD for 1,000 sign-ups`,
  ])
    t.ok(text.includes(said), said);
  t.equal(routed.logged, staying.logged);
});

t.test('the sum, by hand', async (t) => {
  const lines = linesOf({ gets: 1, copies: 1, events: 2, copied: 1_000_000, logged: 1_000 });
  const cost = (what: string) => {
    const line = lines.find(({ price }) => price.what === what);
    return Number(((line?.amount ?? Number.NaN) * (line?.price.dollars ?? Number.NaN)).toPrecision(6));
  };
  t.equal(cost(prices.request.what), 0.0002);
  t.equal(cost(prices.duration.what), 0.00166668, '125 GB-seconds');
  t.equal(cost(prices.get.what), 0.0004);
  t.equal(cost(prices.copy.what), 0.005);
  t.equal(cost(prices.event.what), 0.002);
  t.equal(cost(prices.storage.what), 0.023, 'a GB for a month');
  t.equal(cost(prices.ingestion.what), 0.0005);
});
