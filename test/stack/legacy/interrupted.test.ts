/**
 * The migration from deploy.sh, interrupted after each write while mail keeps arriving: the next runs complete it, and every message is routed.
 */
import t from 'tap';
import { firstDeployWrites } from '../../support/operator.js';
import {
  afterDeploySh,
  configurationOf,
  isOfCommand,
  type Migration,
  minutes,
  type RoutedBy,
  removalWrites,
  tally,
} from './account.js';

/** Stops the command, as Ctrl-C does, after the write of that number. */
async function cutOff({ sandbox, underMail }: Migration, args: string[], after: number): Promise<number> {
  const interrupt = new AbortController();
  let written = 0;
  const release = sandbox.intercept((call) => {
    if (isOfCommand(call) && call.mutates && ++written === after) interrupt.abort();
    return undefined;
  });
  const { status } = await underMail(args, { signal: interrupt.signal, before: 'writes' });
  release();
  return status;
}

/** The account after a migration that nothing came in the way of. */
let undisturbed: unknown;

t.test('not cut off', async (t) => {
  const migration = await afterDeploySh(t);
  await migration.run(['deploy']);
  await migration.pass(minutes(10));
  t.strictSame((await migration.run(['deploy', '--yes'])).writes, removalWrites);
  undisturbed = configurationOf(migration);
});

const stages = [
  { name: 'the first deploy', args: ['deploy'], writes: firstDeployWrites, reach: async () => {} },
  {
    name: 'the removal',
    args: ['deploy', '--yes'],
    writes: removalWrites,
    reach: async ({ run, pass }: Migration) => {
      await run(['deploy']);
      await pass(minutes(10));
    },
  },
];

for (const { name, args, writes, reach } of stages)
  t.test(`${name}, cut off after each write`, async (t) => {
    const counted: RoutedBy[] = [];
    for (const [index, write] of writes.entries()) {
      const migration = await afterDeploySh(t);
      const { mail, pass, underMail, routedBy, run } = migration;
      await reach(migration);
      const status = await cutOff(migration, args, index + 1);
      t.equal(status, index + 1 === writes.length ? 0 : 130, `${index + 1}: ${write}`);
      for (const [after, deploys] of [
        [1, true],
        [5.5, false],
        [11, true],
      ] as const) {
        await pass(minutes(after));
        await mail();
        if (!deploys) continue;
        const next = await underMail(['deploy', '--yes'], { before: 'writes' });
        t.equal(next.status, 0, next.stderr);
      }
      const found = await routedBy();
      t.notOk(found.includes(''), `${index + 1}: ${tally(found)}`);
      counted.push(...found);
      t.strictSame((await run(['deploy'])).writes, []);
      t.strictSame(configurationOf(migration), undisturbed);
    }
    t.comment(`${counted.length} messages: ${tally(counted)}`);
  });
