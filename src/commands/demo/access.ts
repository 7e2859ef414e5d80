/**
 * Who can read what: the broker and two agents try, each with its own credentials, under the enforced policies.
 */
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { AssumeRoleWithWebIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { createSession, type Sandbox } from '../../sandbox/index.js';
import { type DemoMessage, routedKeys } from './mail.js';
import { agentToken, operatorNames } from './operator-account.js';

/** A call, and who should be allowed to make it. */
interface Attempt {
  what: string;
  run(s3: S3Client): Promise<unknown>;
  allowed: { broker: boolean; A: boolean; B: boolean };
}

export async function accessTable(
  sandbox: Sandbox,
  bucket: string,
  messages: DemoMessage[],
): Promise<{ lines: string[]; asExpected: boolean }> {
  const routed = new Map(messages.flatMap(routedKeys).map((key) => [String(key.split('/')[1]), key]));
  const [agentA, agentB] = routed;
  const magicLink = messages.find(({ stays }) => stays !== undefined)?.key;
  if (agentA === undefined || agentB === undefined || magicLink === undefined)
    throw new Error('the demo needs mail for two wallets, and a message that stays');
  const [[walletA, mailA], [walletB, mailB]] = [agentA, agentB];
  const attempts: Attempt[] = [
    reading('login mail in inbound/', magicLink, { broker: true, A: false, B: false }),
    listing('inbound/', 'inbound/', { broker: true, A: false, B: false }),
    reading("wallet A's mail", mailA, { broker: false, A: true, B: false }),
    listing("wallet A's mail", `bots/${walletA}/inbound/`, { broker: false, A: true, B: false }),
    reading("wallet B's mail", mailB, { broker: false, A: false, B: true }),
    listing("wallet B's mail", `bots/${walletB}/inbound/`, { broker: false, A: false, B: true }),
  ];
  const clients = {
    broker: clientOf(sandbox, brokerCredentials(sandbox)),
    A: clientOf(sandbox, await agentCredentials(sandbox, walletA)),
    B: clientOf(sandbox, await agentCredentials(sandbox, walletB)),
  };
  const rows = await Promise.all(
    attempts.map(async ({ what, run, allowed }) => {
      const [broker, A, B] = await Promise.all([
        isAllowed(run, clients.broker),
        isAllowed(run, clients.A),
        isAllowed(run, clients.B),
      ]);
      return {
        what,
        cells: [broker, A, B],
        asExpected: broker === allowed.broker && A === allowed.A && B === allowed.B,
      };
    }),
  );
  for (const client of Object.values(clients)) client.destroy();

  function reading(what: string, Key: string, allowed: Attempt['allowed']): Attempt {
    return { what: `read ${what}`, run: (s3) => s3.send(new GetObjectCommand({ Bucket: bucket, Key })), allowed };
  }
  function listing(what: string, Prefix: string, allowed: Attempt['allowed']): Attempt {
    return {
      what: `list ${what}`,
      run: (s3) => s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix })),
      allowed,
    };
  }
  return {
    lines: [
      row('', ['broker', 'agent A', 'agent B']),
      ...rows.map(({ what, cells }) =>
        row(
          what,
          cells.map((allowed) => (allowed ? 'allowed' : 'denied')),
        ),
      ),
    ],
    asExpected: rows.every(({ asExpected }) => asExpected),
  };
}

function row(what: string, cells: string[]): string {
  return [what.padEnd(30), ...cells.map((cell) => cell.padEnd(9))].join('').trimEnd();
}

/** @throws any error other than a denial. */
async function isAllowed(run: Attempt['run'], s3: S3Client): Promise<boolean> {
  try {
    await run(s3);
    return true;
  } catch (error) {
    if (error instanceof Error && error.name === 'AccessDenied') return false;
    throw error;
  }
}

interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
}

/** A client with these credentials. */
export function clientOf({ region, endpoint }: Sandbox, credentials: Credentials): S3Client {
  return new S3Client({ region, endpoint, forcePathStyle: true, credentials });
}

/** The credentials that the broker's host gets from the instance metadata service. */
export function brokerCredentials({ state }: Sandbox): Credentials {
  const role = state.iam.roles.get(operatorNames.brokerRole);
  if (role === undefined) throw new Error(`the embedded AWS has no role ${operatorNames.brokerRole}`);
  const { id, secret, sessionToken } = createSession(state, role, { session: 'i-0123456789abcdef0' });
  return { accessKeyId: id, secretAccessKey: secret, sessionToken };
}

/** An agent's session: its token for the data role, tagged with its wallet. */
export async function agentCredentials(
  { region, endpoint, account, state }: Sandbox,
  wallet: string,
): Promise<Credentials> {
  const sts = new STSClient({ region, endpoint, credentials: { accessKeyId: 'none', secretAccessKey: 'none' } });
  try {
    const { Credentials } = await sts.send(
      new AssumeRoleWithWebIdentityCommand({
        RoleArn: `arn:aws:iam::${account}:role/${operatorNames.dataRole}`,
        RoleSessionName: 'agent',
        WebIdentityToken: agentToken(wallet, state.now() / 1_000 + 600),
      }),
    );
    return {
      accessKeyId: String(Credentials?.AccessKeyId),
      secretAccessKey: String(Credentials?.SecretAccessKey),
      sessionToken: String(Credentials?.SessionToken),
    };
  } finally {
    sts.destroy();
  }
}
