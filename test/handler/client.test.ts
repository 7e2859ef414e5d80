import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import t from 'tap';
import { clientFromEnvironment } from '../../handler/client.js';
import { startAccount } from './account.js';
import { environmentOf } from './bundle.js';

const lambda = {
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'ASIAEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'a secret',
  AWS_SESSION_TOKEN: 'a token',
};

t.test('the client uses the credentials of the execution role', async (t) => {
  const account = await startAccount(t);
  const s3 = clientFromEnvironment(environmentOf(account));
  await s3.send(new ListObjectsV2Command({ Bucket: account.settings.bucket, Prefix: 'inbound/' }));
  t.strictSame(account.calls(), ['ListObjectsV2']);
});

t.test('the variables that Lambda sets are required', async (t) => {
  const cases: Record<string, [environment: Record<string, string>, message: string | undefined]> = {
    'all of it': [lambda, undefined],
    'an empty endpoint': [{ ...lambda, AWS_ENDPOINT_URL: '' }, undefined],
    'no region': [{ ...lambda, AWS_REGION: '' }, 'AWS_REGION must be there, as Lambda sets it'],
    'no key': [
      { AWS_REGION: 'us-east-1', AWS_SESSION_TOKEN: 'a token' },
      'AWS_ACCESS_KEY_ID must be there, as Lambda sets it; AWS_SECRET_ACCESS_KEY must be there, as Lambda sets it',
    ],
    'no secret': [{ ...lambda, AWS_SECRET_ACCESS_KEY: '' }, 'AWS_SECRET_ACCESS_KEY must be there, as Lambda sets it'],
    'no token': [{ ...lambda, AWS_SESSION_TOKEN: '' }, 'AWS_SESSION_TOKEN must be there, as Lambda sets it'],
  };
  for (const [name, [environment, faults]] of Object.entries(cases)) {
    const make = () => clientFromEnvironment(environment);
    if (faults === undefined) t.doesNotThrow(make, name);
    else
      t.throws(
        make,
        {
          name: 'SettingsError',
          message: `the function's environment is wrong: ${faults}. Deploy again to set it right`,
        },
        name,
      );
  }
});
