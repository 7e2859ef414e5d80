import t from 'tap';
import { accessTable } from '../../../src/commands/demo/access.js';
import { readMessages } from '../../../src/commands/demo/mail.js';
import { startOperator } from '../../support/operator.js';

t.test('a failure that is not a denial is not reported as one', async (t) => {
  const { sandbox, bucket } = await startOperator(t);
  const { messages } = await readMessages('fixtures/messages');
  sandbox.intercept(({ operation }) =>
    operation === 'GetObject' ? { kind: 'refuse', code: 'InvalidRequest', status: 400 } : undefined,
  );
  await t.rejects(accessTable(sandbox, bucket, messages), { name: 'InvalidRequest' });
});

t.test('without mail, there are no requests to try', async (t) => {
  const { sandbox, bucket } = await startOperator(t);
  await t.rejects(accessTable(sandbox, bucket, []), { message: /needs mail for two wallets/ });
});

t.test('without the broker role, its requests are left out', async (t) => {
  const { sandbox, bucket } = await startOperator(t);
  const { messages } = await readMessages('fixtures/messages');
  sandbox.state.iam.roles.delete('agentkeys-broker-host');
  await t.rejects(accessTable(sandbox, bucket, messages), { message: /has no role agentkeys-broker-host/ });
});
