import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { CreateOpenIDConnectProviderCommand } from '@aws-sdk/client-iam';
import t from 'tap';
import { foreignRequest } from '../../../src/sandbox/access/local-requests.js';
import { addBucket, addRole, policy, start } from '../support.js';

const issuer = 'https://oidc.example.org';
const providerArn = 'arn:aws:iam::111122223333:oidc-provider/oidc.example.org';

const trust = policy({
  Effect: 'Allow',
  Principal: { Federated: providerArn },
  Action: 'sts:AssumeRoleWithWebIdentity',
});

const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const token = `${encoded({ alg: 'none' })}.${encoded({ iss: issuer, sub: 'agent', aud: 'sts.amazonaws.com', exp: 4e9 })}.`;

/** Sends a request with exactly these headers: `fetch` does not let its caller choose the Host. */
async function send(endpoint: string, path: string, headers: Record<string, string>, form?: URLSearchParams) {
  const outgoing = request(new URL(path, endpoint), { method: form ? 'POST' : 'GET', headers, setHost: false });
  outgoing.end(form?.toString());
  const [answer]: IncomingMessage[] = await once(outgoing, 'response');
  return { status: answer?.statusCode, body: answer ? await text(answer) : '' };
}

t.test('only local clients are answered', async (t) => {
  const { sandbox, iam } = await start(t);
  await iam.send(new CreateOpenIDConnectProviderCommand({ Url: issuer, ClientIDList: ['sts.amazonaws.com'] }));
  const role = addRole(sandbox, 'agentkeys-data-role', policy(), { trust });
  const { port } = new URL(sandbox.endpoint);
  const assumeRole = (headers: Record<string, string>) => {
    const form = new URLSearchParams({
      Action: 'AssumeRoleWithWebIdentity',
      Version: '2011-06-15',
      RoleArn: role.arn,
      RoleSessionName: 'page',
      WebIdentityToken: token,
    });
    return send(sandbox.endpoint, '/', { 'content-type': 'application/x-www-form-urlencoded', ...headers }, form);
  };

  const local: Array<Record<string, string>> = [
    { host: `127.0.0.1:${port}` },
    { host: `localhost:${port}` },
    { host: `LocalHost:${port}` },
    { host: `[::1]:${port}` },
    { host: `127.0.0.1:${port}`, origin: `http://127.0.0.1:${port}` },
    { host: `localhost:${port}`, origin: `http://localhost:${port}` },
  ];
  for (const headers of local) {
    await t.test(`accepts ${JSON.stringify(headers).replaceAll(port, '<port>')}`, async (t) => {
      const { status, body } = await assumeRole(headers);
      t.equal(status, 200);
      t.match(body, '<AccessKeyId>ASIA');
    });
  }

  const foreign: Array<Record<string, string>> = [
    { host: 'evil.example' },
    { host: `evil.example:${port}` },
    { host: `127.0.0.1.evil.example:${port}` },
    { host: `localhost.evil.example:${port}` },
    { host: `mail.localhost:${port}` },
    { host: `127.0.0.1@evil.example:${port}` },
    { host: '127.0.0.1' },
    { host: 'localhost:1' },
    { host: '' },
    { host: `127.0.0.1:${port}`, origin: 'https://evil.example' },
    { host: `127.0.0.1:${port}`, origin: `http://evil.example:${port}` },
    { host: `127.0.0.1:${port}`, origin: `https://127.0.0.1:${port}` },
    { host: `127.0.0.1:${port}`, origin: 'http://localhost:3000' },
    { host: `127.0.0.1:${port}`, origin: 'null' },
    { host: `127.0.0.1:${port}`, origin: '' },
  ];
  for (const headers of foreign) {
    await t.test(`refuses ${JSON.stringify(headers).replaceAll(port, '<port>')}`, async (t) => {
      const [calls, keys] = [sandbox.calls.length, sandbox.state.iam.accessKeys.size];
      const { status, body } = await assumeRole(headers);
      t.equal(status, 403);
      t.match(body, '<Code>AccessDenied</Code>');
      t.notMatch(body, 'ASIA');
      t.equal(sandbox.calls.length, calls, 'no operation was reached');
      t.equal(sandbox.state.iam.accessKeys.size, keys, 'no credentials were made');
    });
  }
});

t.test('the refusal names the host, in the format of the service that was called', async (t) => {
  const { sandbox } = await start(t);
  const { port } = new URL(sandbox.endpoint);
  const hosts = `127.0.0.1:${port}, localhost:${port}, [::1]:${port}`;
  const message = `The embedded AWS answers to ${hosts}, not to Host`;
  addBucket(sandbox, 'mail');

  const s3 = await send(sandbox.endpoint, '/inbound/1', { host: `mail.localhost:${port}` });
  t.equal(s3.status, 403);
  t.match(s3.body, `<Message>${message} &quot;mail.localhost:${port}&quot;.</Message>`);

  const authorization = 'AWS4-HMAC-SHA256 Credential=AKIA/20260101/us-east-1/sns/aws4_request, SignedHeaders=host';
  const unknownService = await send(sandbox.endpoint, '/', { host: 'evil.example', authorization });
  t.equal(unknownService.status, 403);
  t.strictSame(JSON.parse(unknownService.body), { __type: 'AccessDenied', message: `${message} "evil.example".` });

  const page = await send(sandbox.endpoint, '/mail', { host: `127.0.0.1:${port}`, origin: 'https://evil.example' });
  t.match(
    page.body,
    '<Message>The embedded AWS does not serve pages of Origin &quot;https://evil.example&quot;.</Message>',
  );
});

t.test('it listens on the loopback address only', async (t) => {
  const { sandbox } = await start(t);
  const { port } = new URL(sandbox.endpoint);
  // What listens on every address also answers on this one.
  const elsewhere = connect(Number(port), '127.0.0.2');
  await t.rejects(once(elsewhere, 'connect'));
  const here = connect(Number(port), '127.0.0.1');
  await once(here, 'connect');
  here.destroy();
});

t.test('a request without a Host is refused', async (t) => {
  const { sandbox } = await start(t);
  const { port } = new URL(sandbox.endpoint);
  const socket = (await import('node:net')).connect(Number(port), '127.0.0.1');
  socket.end('GET /mail HTTP/1.0\r\n\r\n');
  t.match(await text(socket), /^HTTP\/1\.1 403 /);
  t.strictSame(sandbox.calls, []);
});

t.test('on port 80 a Host has no port', async (t) => {
  t.equal(foreignRequest({ host: 'localhost', origin: 'http://localhost' }, 80), undefined);
  t.match(foreignRequest({ host: 'evil.example' }, 80), { status: 403 });
});
