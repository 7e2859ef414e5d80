/**
 * The operator's network: proxies, certificate authorities, configured endpoints, hosts that do not answer. Against real sockets.
 */
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { GetRoleCommand } from '@aws-sdk/client-iam';
import { HeadBucketCommand } from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { HttpRequest } from '@smithy/core/protocols';
import t, { type Test } from 'tap';
import { type Access, createAws } from '../../src/aws/clients.js';
import { explain } from '../../src/aws/errors.js';
import { proxyFor } from '../../src/aws/http/proxies.js';
import { AwsRequestHandler } from '../../src/aws/http/request-handler.js';
import { startSandbox } from '../../src/sandbox/index.js';
import { listen, makeCertificates, setVariables, startProxy, startTls } from '../support/network.js';

const certificates = await makeCertificates(['*.amazonaws.com', '*.us-east-1.amazonaws.com', 'localhost']);
const sandbox = await startSandbox();
t.teardown(() => sandbox.close());
const upstream = Number(new URL(sandbox.endpoint).port);
const access = { region: 'us-east-1', credentials: sandbox.administrator };
const files = t.testdir({ 'ca.pem': certificates.ca, 'none.pem': 'no certificate' });
const account = '111122223333';
// Whatever proxies this machine has.
for (const name of ['http_proxy', 'https_proxy', 'no_proxy']) {
  delete process.env[name];
  delete process.env[name.toUpperCase()];
}
const host = 'sts.us-east-1.amazonaws.com';

/** What the first call of a run gives: the account, or the explained error. */
async function identity(t: Test, options: Access = {}): Promise<string | undefined> {
  const aws = createAws({ ...access, ...options });
  t.teardown(() => aws.close());
  try {
    return (await aws.sts.send(new GetCallerIdentityCommand({}))).Account;
  } catch (error) {
    return explain(error, options.endpointUrl);
  }
}

/** AWS behind a proxy, with the variables that lead there. */
async function behindProxy(t: Test, options: Parameters<typeof startProxy>[2] = {}) {
  const proxy = await startProxy(t, await startTls(t, certificates, upstream), options);
  setVariables(t, { HTTPS_PROXY: proxy.url, AWS_CA_BUNDLE: `${files}/ca.pem` });
  return proxy;
}

t.test('through a CONNECT proxy, to an endpoint whose CA is in AWS_CA_BUNDLE', async (t) => {
  const proxy = await behindProxy(t);
  const aws = createAws(access);
  t.teardown(() => aws.close());
  for (let call = 0; call < 2; call++) t.equal((await aws.sts.send(new GetCallerIdentityCommand({}))).Account, account);
  await t.rejects(aws.iam.send(new GetRoleCommand({ RoleName: 'nobody' })), { name: 'NoSuchEntityException' });
  t.strictSame(proxy.asked, [`${host}:443`, 'iam.amazonaws.com:443'], 'it resolves the names; connections are kept');
});

t.test('credentials come through it too, and the bundle may be in the profile', async (t) => {
  const proxy = await startProxy(t, await startTls(t, certificates, upstream), { user: 'operator:p@ss' });
  const { accessKeyId, secretAccessKey } = sandbox.administrator;
  const { port } = new URL(proxy.url);
  const config = t.testdir({
    config: [
      '[profile base]',
      `aws_access_key_id = ${accessKeyId}`,
      `aws_secret_access_key = ${secretAccessKey}`,
      '[profile role]',
      'role_arn = arn:aws:iam::111122223333:role/nobody',
      'source_profile = base',
      `ca_bundle = ${files}/ca.pem`,
      'region = us-east-1',
    ].join('\n'),
  });
  setVariables(t, { AWS_CONFIG_FILE: `${config}/config`, https_proxy: `operator:p%40ss@127.0.0.1:${port}` });
  const aws = createAws({ profile: 'role', region: 'us-east-1' });
  t.teardown(() => aws.close());
  await t.rejects(aws.iam.send(new GetRoleCommand({ RoleName: 'nobody' })), { name: /AccessDenied|NoSuchEntity/ });
  t.strictSame(proxy.asked, [`${host}:443`], 'AssumeRole');
});

t.test('a proxy that refuses, wants a password, or is not there: named, without its password', async (t) => {
  const refusing = await behindProxy(t, { refuse: 403 });
  t.equal(
    await identity(t),
    `The proxy ${refusing.url} (HTTPS_PROXY) did not connect to ${host} (HTTP status 403). Allow the host there, or exempt it with NO_PROXY.`,
  );
  const locked = await behindProxy(t, { user: 'a:b' });
  t.equal(
    await identity(t),
    `The proxy ${locked.url} (HTTPS_PROXY) requires a user name and a password (HTTP status 407). Put them into HTTPS_PROXY: http://user:password@host:port.`,
  );
  setVariables(t, { HTTPS_PROXY: locked.url.replace('//', '//a:secret@') });
  t.equal(
    await identity(t),
    `The proxy ${locked.url} (HTTPS_PROXY) does not accept the user name and password in HTTPS_PROXY (HTTP status 407).`,
  );
  const gone = await closedPort();
  setVariables(t, { HTTPS_PROXY: `http://a:secret@127.0.0.1:${gone}` });
  t.equal(
    await identity(t),
    `The proxy http://127.0.0.1:${gone} (HTTPS_PROXY) could not be reached (ECONNREFUSED). Check the variable, or exempt the host of https://${host} with NO_PROXY.`,
  );
  setVariables(t, { HTTPS_PROXY: 'socks5://a:secret@127.0.0.1:1080' });
  t.equal(await identity(t), 'HTTPS_PROXY is not the URL of an HTTP proxy, such as http://gateway.example.org:3128.');
});

t.test('an emulator over plain HTTP: HTTP_PROXY, unless NO_PROXY or the demo says otherwise', async (t) => {
  const proxy = await startProxy(t, upstream);
  setVariables(t, { http_proxy: proxy.url });
  const emulator = { endpointUrl: sandbox.endpoint };
  t.equal(await identity(t, emulator), account);
  t.strictSame(proxy.asked, [`${sandbox.endpoint}/`]);
  setVariables(t, { NO_PROXY: 'example.org,127.0.0.1' });
  t.equal(await identity(t, emulator), account);
  setVariables(t, { NO_PROXY: undefined });
  t.equal(await identity(t, { ...emulator, direct: true }), account);
  t.equal(proxy.asked.length, 1);
  const locked = await startProxy(t, upstream, { user: 'a:b' });
  setVariables(t, { http_proxy: locked.url });
  t.match(await identity(t, emulator), `The proxy ${locked.url} (http_proxy) requires a user name and a password`);
  const refusing = await startProxy(t, upstream, { refuse: 403 });
  setVariables(t, { http_proxy: refusing.url });
  t.equal(
    await identity(t, emulator),
    `${sandbox.endpoint} returned a response that is not from AWS (HTTP status 403), through the proxy ${refusing.url} (http_proxy). Check --endpoint-url (AWS_ENDPOINT_URL).`,
  );
});

t.test('which proxy: as the AWS CLI and curl read the variables', async (t) => {
  const cases: Array<[url: string, env: Record<string, string>, proxy: string | undefined]> = [
    ['https://a.example', { HTTP_PROXY: 'http://p' }, undefined],
    ['https://a.example', { HTTPS_PROXY: 'http://P', https_proxy: 'http://p' }, 'http://p/'],
    ['https://a.example', { HTTPS_PROXY: 'p:3128' }, 'http://p:3128/'],
    ['https://a.example', { HTTPS_PROXY: 'https://p', NO_PROXY: '' }, 'https://p/'],
    ['https://a.example', { HTTPS_PROXY: ' ' }, undefined],
    ['http://a.example', { http_proxy: 'http://p' }, 'http://p/'],
    ['https://a.example', { HTTPS_PROXY: 'http://p', NO_PROXY: '*' }, undefined],
    ['https://a.example', { HTTPS_PROXY: 'http://p', no_proxy: 'b.example, A.example' }, undefined],
    ['https://s3.a.example', { HTTPS_PROXY: 'http://p', NO_PROXY: 'a.example' }, undefined],
    ['https://s3.a.example', { HTTPS_PROXY: 'http://p', NO_PROXY: '.a.example' }, undefined],
    ['https://s3.a.example', { HTTPS_PROXY: 'http://p', NO_PROXY: '*.a.example' }, undefined],
    ['https://ba.example', { HTTPS_PROXY: 'http://p', NO_PROXY: 'a.example' }, 'http://p/'],
    ['https://a.example', { HTTPS_PROXY: 'http://p', NO_PROXY: 'a.example:443' }, undefined],
    ['https://a.example:8443', { HTTPS_PROXY: 'http://p', NO_PROXY: 'a.example:443' }, 'http://p/'],
    ['http://a.example', { HTTP_PROXY: 'http://p', NO_PROXY: 'a.example:80' }, undefined],
    ['http://[::1]:4566', { HTTP_PROXY: 'http://p', NO_PROXY: '::1' }, undefined],
    ['http://[::1]:4566', { HTTP_PROXY: 'http://p', NO_PROXY: '[::1]:4566' }, undefined],
    ['http://localhost:4566', { HTTP_PROXY: 'http://p' }, 'http://p/'],
  ];
  for (const [url, env, proxy] of cases)
    t.equal(proxyFor(new URL(url), env)?.url.href, proxy, `${url} ${JSON.stringify(env)}`);
  t.throws(() => proxyFor(new URL('https://a'), { https_proxy: 'http://u:secret@:1:2' }), {
    message: /^https_proxy is not the URL of an HTTP proxy[^s]*, such/,
  });
});

t.test('certificates that are not trusted, and bundles that have none', async (t) => {
  const endpointUrl = `https://localhost:${await startTls(t, certificates, upstream)}`;
  t.equal(
    await identity(t, { endpointUrl }),
    `The TLS certificate of ${endpointUrl} is not trusted (SELF_SIGNED_CERT_IN_CHAIN). If your network replaces certificates, name its CA bundle with AWS_CA_BUNDLE or with ca_bundle in the profile.`,
  );
  setVariables(t, { AWS_CA_BUNDLE: `${files}/ca.pem` });
  t.equal(await identity(t, { endpointUrl }), account);
  setVariables(t, { AWS_CA_BUNDLE: `${files}/none.pem` });
  t.equal(
    await identity(t, { endpointUrl }),
    `The CA bundle ${files}/none.pem (AWS_CA_BUNDLE) has no certificate in it.`,
  );
  const config = t.testdir({ config: '[profile p]\nca_bundle = /nowhere.pem\n' });
  setVariables(t, { AWS_CA_BUNDLE: undefined, AWS_CONFIG_FILE: `${config}/config` });
  t.equal(
    await identity(t, { endpointUrl, profile: 'p' }),
    "The CA bundle /nowhere.pem (ca_bundle in the profile) can't be read (ENOENT).",
  );
  const expired = Object.assign(new Error('certificate has expired'), { code: 'CERT_HAS_EXPIRED' });
  t.equal(
    explain(expired),
    "The TLS certificate of AWS is not valid at this time (CERT_HAS_EXPIRED). Check this machine's clock.",
  );
});

t.test('a host that accepts and never answers ends the first call, not five attempts of a minute', async (t) => {
  const silent = await listen(t, createServer());
  const origin = `http://127.0.0.1:${silent}`;
  const handler = new AwsRequestHandler({ firstAnswer: 200 });
  t.teardown(() => handler.destroy());
  const started = performance.now();
  const request = { protocol: 'http:', hostname: '127.0.0.1', port: silent, method: 'GET', path: '/', headers: {} };
  const asked = Object.assign(Object.create(HttpRequest.prototype), request) as HttpRequest;
  // Attempts that time out count together.
  await t.rejects(handler.handle(asked, { requestTimeout: 50 }), { name: 'TimeoutError' });
  await t.rejects(handler.handle(asked), {
    name: 'ConnectionError',
    message: `${origin} did not answer within 0.2 s.`,
  });
  t.ok(performance.now() - started < 5_000);
  const proxy = await startProxy(t, silent);
  setVariables(t, { HTTP_PROXY: proxy.url });
  await t.rejects(handler.handle(asked), {
    message: `${origin} did not answer within 0.2 s through the proxy ${proxy.url} (HTTP_PROXY).`,
  });
});

t.test('endpoints of services, as the AWS CLI reads them; a failure names the host', async (t) => {
  const gone = `http://127.0.0.1:${await closedPort()}`;
  const bucket = () => new HeadBucketCommand({ Bucket: 'agentkeys-mail-111122223333' });
  const config = t.testdir({
    config: [
      '[default]',
      `endpoint_url = ${gone}`,
      '[profile services]',
      'services = local',
      `endpoint_url = ${gone}`,
      '[services local]',
      's3 =',
      `  endpoint_url = ${sandbox.endpoint}`,
      'sts =',
      `  endpoint_url = ${sandbox.endpoint}`,
      '[profile lost]',
      'services = nowhere',
      '[profile ignoring]',
      `endpoint_url = ${sandbox.endpoint}`,
      'ignore_configured_endpoint_urls = true',
    ].join('\n'),
  });
  setVariables(t, { AWS_CONFIG_FILE: `${config}/config`, AWS_ENDPOINT_URL_STS: sandbox.endpoint });
  const environment = { endpointUrl: gone, sources: { endpointUrl: { kind: 'environment' } } };
  t.equal(await identity(t, environment), account, "a service's variable comes before AWS_ENDPOINT_URL");
  t.match(
    await identity(t, { endpointUrl: gone }),
    `${gone} could not be reached (ECONNREFUSED). Check --endpoint-url`,
  );
  setVariables(t, { AWS_ENDPOINT_URL_STS: gone });
  t.equal(
    await identity(t, { endpointUrl: sandbox.endpoint, ...{ sources: environment.sources } }),
    `${gone} could not be reached (ECONNREFUSED). Check AWS_ENDPOINT_URL_<SERVICE>, and endpoint_url in the AWS configuration file.`,
  );
  setVariables(t, { AWS_ENDPOINT_URL_STS: undefined });
  t.match(await identity(t), `${gone} could not be reached`, "the profile's");
  t.equal(await identity(t, { profile: 'services' }), account, 'its section of services');
  t.equal(
    await identity(t, { profile: 'lost' }),
    'The profile lost refers to [services nowhere], which does not exist.',
  );
  const local = createAws({ ...access, profile: 'services' });
  t.teardown(() => local.close());
  await t.rejects(
    local.iam.send(new GetRoleCommand({ RoleName: 'nobody' })),
    { code: 'ECONNREFUSED' },
    "a service that its section does not name has the profile's",
  );
  await t.rejects(local.s3.send(bucket()), { name: 'NotFound' }, 'by path: the host name resolves');
  const proxy = await startProxy(t, upstream, { refuse: 502 });
  setVariables(t, { HTTPS_PROXY: proxy.url });
  await identity(t, { profile: 'ignoring' });
  setVariables(t, { AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'TRUE' });
  await identity(t);
  await identity(t, environment);
  setVariables(t, { AWS_USE_FIPS_ENDPOINT: 'true' });
  await identity(t);
  setVariables(t, { AWS_USE_DUALSTACK_ENDPOINT: 'true' });
  await identity(t);
  t.strictSame(proxy.asked, [
    `${host}:443`,
    `${host}:443`,
    `${host}:443`,
    'sts-fips.us-east-1.amazonaws.com:443',
    'sts-fips.us-east-1.api.aws:443',
  ]);
});

/** A port on which nothing listens. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}

t.test("an extension of the SDK does not change the handler's limits", async (t) => {
  const requestHandler = new AwsRequestHandler({});
  const client = new STSClient({
    ...access,
    requestHandler,
    extensions: [
      {
        configure(extended) {
          extended.updateHttpClientConfig('requestTimeout' as never, 1 as never);
          t.strictSame(extended.httpHandlerConfigs(), {});
        },
      },
    ],
  });
  t.equal(client.config.requestHandler, requestHandler);
  client.destroy();
});
