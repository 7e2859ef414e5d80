/**
 * The operator's credentials: the cause of each failure, and the next step, in the words of the error.
 */
import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import t, { type Test } from 'tap';
import { createAws } from '../../src/aws/clients.js';
import { explain } from '../../src/aws/errors.js';
import { startSandbox } from '../../src/sandbox/index.js';
import { listen, setVariables } from '../support/network.js';

const sandbox = await startSandbox();
t.teardown(() => sandbox.close());
const { accessKeyId, secretAccessKey } = sandbox.administrator;
const keys = `aws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`;
const nothing = 'Nothing was read or written.';

interface Attempt {
  /** The AWS configuration file. */
  config?: string;
  /** Other files in the home directory. */
  files?: Record<string, object>;
  profile?: string;
  mfaCode?: (device: string) => Promise<string | undefined>;
}

/** The ARN of the caller, or the explained error. */
async function caller(t: Test, { config = '', files = {}, ...access }: Attempt): Promise<string | undefined> {
  const directory = t.testdir({ config, ...files });
  // The SDK keeps what it has read of a path.
  const file = `${directory}/config`;
  setVariables(t, { AWS_CONFIG_FILE: file, AWS_EC2_METADATA_DISABLED: 'true', AWS_ENDPOINT_URL: sandbox.endpoint });
  const aws = createAws({ region: 'us-east-1', endpointUrl: sandbox.endpoint, ...access });
  try {
    return (await aws.sts.send(new GetCallerIdentityCommand({}))).Arn;
  } catch (error) {
    return explain(error, sandbox.endpoint);
  } finally {
    aws.close();
  }
}

const role = 'arn:aws:iam::111122223333:role/operators';

/** What each configuration gives; the profile is `x`. */
const cases: Record<string, { config: string; says: string | RegExp; profile?: string }> = {
  'a profile with keys': { config: `[profile x]\n${keys}`, says: 'arn:aws:iam::111122223333:user/administrator' },
  'the default profile': { config: `[default]\n${keys}`, says: /:user\/administrator$/, profile: '' },
  'a profile that does not exist': {
    config: '[profile staging]\nregion = us-east-1\n[profile live]\nregion = us-east-1\n',
    says: `The profile x does not exist in the AWS configuration files (profiles: staging, live). Check --profile (AWS_PROFILE). ${nothing}`,
  },
  'a profile where there are none': {
    config: '',
    says: `The profile x does not exist in the AWS configuration files. Check --profile (AWS_PROFILE). ${nothing}`,
  },
  'a profile without credentials': {
    config: '[profile x]\nregion = us-east-1',
    says: /^No AWS credentials were found\./,
  },
  'half an access key': {
    config: '[profile x]\naws_access_key_id = AKIAEXAMPLE',
    says: `The access key in the profile x is incomplete: aws_secret_access_key is not set. ${nothing}`,
  },
  'the other half': {
    config: '[profile x]\naws_secret_access_key = secret',
    says: `The access key in the profile x is incomplete: aws_access_key_id is not set. ${nothing}`,
  },
  'a credential_process that fails: its message, without its arguments and without keys': {
    config: `[profile x]\ncredential_process = sh -c 'echo "Vault is sealed: AKIAIOSFODNN7EXAMPLE wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" >&2; exit 2' --token hunter2\n`,
    says: `The credential_process of the profile x failed: Vault is sealed: […] […]. Run it by itself to see why. ${nothing}`,
  },
  'a credential_process that fails and says nothing': {
    config: '[profile x]\ncredential_process = false\n',
    says: `The credential_process of the profile x failed. Run it by itself to see why. ${nothing}`,
  },
  'a credential_process that prints something else': {
    config: '[profile x]\ncredential_process = echo hello\n',
    says: `The credential_process of the profile x failed: Profile x credential_process returned invalid JSON. Run it by itself to see why. ${nothing}`,
  },
  'a source_profile that does not exist': {
    config: `[profile x]\nrole_arn = ${role}\nsource_profile = base\n`,
    says: `The profile base, the source_profile of x, does not exist. ${nothing}`,
  },
  'a circular source_profile': {
    config: `[profile x]\nrole_arn = ${role}\nsource_profile = y\n[profile y]\nrole_arn = ${role}\nsource_profile = x\n`,
    says: `The profile x refers back to itself by source_profile: x -> y -> x. ${nothing}`,
  },
  'a profile with keys as its own source_profile': {
    config: `[profile x]\nrole_arn = ${role}\nsource_profile = x\n${keys}`,
    says: /^AWS denied access: /,
  },
  'an IAM Identity Center session that was not started': {
    config: `[profile x]\nrole_arn = ${role}\nsource_profile = sso\n[profile sso]\nsso_session = corp\nsso_account_id = 111122223333\nsso_role_name = operator\n[sso-session corp]\nsso_region = us-east-1\nsso_start_url = https://corp.example.org/start\n`,
    says: 'The IAM Identity Center session of the profile sso has expired, or was not started. Run: aws sso login --profile sso',
  },
  'a session section that does not exist': {
    config: '[profile x]\nsso_session = corp\nsso_account_id = 111122223333\nsso_role_name = operator\n',
    says: `The profile x refers to [sso-session corp], which does not exist. ${nothing}`,
  },
  'an incomplete profile of IAM Identity Center': {
    config: '[profile x]\nsso_account_id = 111122223333\n',
    says: /^The credentials of the profile x could not be used: Profile is configured with invalid SSO/,
  },
};

for (const [name, { config, says, profile = 'x' }] of Object.entries(cases))
  t.test(name, async (t) => {
    const found = await caller(t, { config, ...(profile === '' ? {} : { profile }) });
    if (typeof says === 'string') t.equal(found, says);
    else t.match(found, says);
  });

t.test('half an access key in the environment', async (t) => {
  setVariables(t, { AWS_ACCESS_KEY_ID: accessKeyId });
  t.equal(
    await caller(t, {}),
    `The access key in the environment is incomplete: AWS_SECRET_ACCESS_KEY is not set. ${nothing}`,
  );
  setVariables(t, { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: secretAccessKey });
  t.match(await caller(t, {}), 'AWS_ACCESS_KEY_ID is not set');
});

t.test('the code of an MFA device: asked for once, or an error that names the device', async (t) => {
  const device = 'arn:aws:iam::111122223333:mfa/operator';
  const config = `[profile x]\nrole_arn = ${role}\nsource_profile = base\nmfa_serial = ${device}\n[profile base]\n${keys}`;
  const asked: string[] = [];
  const mfaCode = async (serial: string) => {
    asked.push(serial);
    return '123456';
  };
  // The role does not exist: the code was sent.
  t.match(await caller(t, { config, profile: 'x', mfaCode }), /^AWS denied access: .*sts:AssumeRole/);
  t.strictSame(asked, [device]);
  const silent = `The profile x requires the code of the MFA device ${device}, and there is no terminal to ask on. Run the command on a terminal, or use a profile with temporary credentials (aws sts get-session-token).`;
  t.equal(await caller(t, { config, profile: 'x' }), silent);
  t.equal(await caller(t, { config, profile: 'x', mfaCode: async () => undefined }), silent);
});

t.test("a failure of the network while the credentials are obtained is the network's", async (t) => {
  const port = await listen(
    t,
    createServer((socket) => socket.destroy()),
  );
  const start = 'https://corp.example.org/start';
  const token = { accessToken: 'token', expiresAt: new Date(Date.now() + 3_600_000).toISOString() };
  // https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-sso.html
  const cache = { [`${createHash('sha1').update(start).digest('hex')}.json`]: JSON.stringify(token) };
  const config =
    '[profile x]\nsso_start_url = https://corp.example.org/start\nsso_region = us-east-1\nsso_account_id = 111122223333\nsso_role_name = operator\n';
  setVariables(t, { HOME: t.testdirName, AWS_ENDPOINT_URL_SSO: `http://127.0.0.1:${port}` });
  t.match(
    await caller(t, { config, profile: 'x', files: { '.aws': { sso: { cache } } } }),
    /^http:\/\/127\.0\.0\.1:\d+ could not be reached \(ECONNRESET\)/,
  );
});
