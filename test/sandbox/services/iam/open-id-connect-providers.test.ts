import { CreateOpenIDConnectProviderCommand } from '@aws-sdk/client-iam';
import t from 'tap';
import { refusal, start } from '../../support.js';

t.test('an OpenID Connect provider', async (t) => {
  const { sandbox, iam } = await start(t);
  const Url = 'https://broker.example.com/oidc';
  const make = () => iam.send(new CreateOpenIDConnectProviderCommand({ Url, ClientIDList: ['sts.amazonaws.com'] }));
  const { OpenIDConnectProviderArn } = await make();
  t.equal(OpenIDConnectProviderArn, 'arn:aws:iam::111122223333:oidc-provider/broker.example.com/oidc');
  t.strictSame(
    [...sandbox.state.iam.oidcProviders.values()],
    [{ arn: OpenIDConnectProviderArn, url: Url, clientIds: ['sts.amazonaws.com'] }],
  );
  t.equal(await refusal(make()), `409 EntityAlreadyExistsException: Provider with url ${Url} already exists.`);
});
