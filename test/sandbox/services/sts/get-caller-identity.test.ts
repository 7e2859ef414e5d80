import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import t from 'tap';
import { addRole, clients, policy, sessionOf, start } from '../../support.js';

const deny = policy({ Effect: 'Deny', Action: '*', Resource: '*' });

t.test('GetCallerIdentity needs credentials and no permission', async (t) => {
  const { sandbox } = await start(t);
  const role = addRole(sandbox, 'reader', deny);
  const { sts } = clients(sandbox, sessionOf(sandbox, role));
  t.match(await sts.send(new GetCallerIdentityCommand({})), {
    Account: '111122223333',
    Arn: 'arn:aws:sts::111122223333:assumed-role/reader/session',
    UserId: `${role.id}:session`,
  });
  const body = 'Action=GetCallerIdentity&Version=2011-06-15';
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const answer = await fetch(sandbox.endpoint, { method: 'POST', body, headers });
  t.equal(answer.status, 403);
  t.match(await answer.text(), '<Code>MissingAuthenticationToken</Code>');
});
