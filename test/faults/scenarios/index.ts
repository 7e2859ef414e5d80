/**
 * The scenarios of the sweep: initial states of an account, and the commands that change it.
 */
import { PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { TagResourceCommand, UpdateFunctionCodeCommand } from '@aws-sdk/client-lambda';
import type { Clock } from '../../../src/aws/waits.js';
import { zip } from '../../../src/package/zip.js';
import { versionOf, versionTag } from '../../../src/stack/resources/function/version.js';
import { runDeploySh } from '../../support/deploy-sh.js';
import type { Operator } from '../../support/operator.js';
import { faults, lateReads, race } from '../disruptions.js';
import type { Scenario } from '../sweep.js';
import { drift } from './drift.js';

/** With everything that a deploy can create. */
const up = [
  ...['deploy', '--remove-broad-grants', '--yes'],
  ...['--alarm-topic', 'arn:aws:sns:us-east-1:111122223333:operators'],
];
const down = ['teardown', '--broker', '--delete-logs', '--yes'];

const pass = (clock: Clock, milliseconds: number) => clock.sleep(milliseconds, new AbortController().signal);

/** A stack as a deploy leaves it, after Lambda has finished its updates; then a change to it. */
const deployed =
  (then: (operator: Operator) => Promise<unknown> = async () => {}, args = ['deploy']): Scenario['prepare'] =>
  async (operator, clock) => {
    await operator.run(args, { clock });
    await pass(clock, 10_000);
    await then(operator);
    await pass(clock, 10_000);
  };

const afterDeploySh: Scenario['prepare'] = ({ aws, bucket, sandbox }, clock) =>
  runDeploySh(aws, { account: sandbox.account, bucket }, (milliseconds) => pass(clock, milliseconds));

/** Adds an inline policy to the managed one that the broker's role has: each is removed in its own way. */
async function grantInline({ aws, bucket }: Operator): Promise<void> {
  const arn = `arn:aws:s3:::${bucket}`;
  const statements = [
    { Effect: 'Allow', Action: 's3:*', Resource: [arn, `${arn}/*`] },
    { Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::another/*' },
  ];
  await aws.iam.send(
    new PutRolePolicyCommand({
      RoleName: 'agentkeys-broker-host',
      PolicyName: 'mail',
      PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: statements }),
    }),
  );
}

const granted: Scenario['prepare'] = (operator) => grantInline(operator);

const grantsTaken: Scenario['prepare'] = async (operator, clock) => {
  await grantInline(operator);
  await deployed(undefined, up)(operator, clock);
};

/** Replaces the function's code with that of an older version. */
async function deployOtherCode({ aws }: Operator): Promise<void> {
  const older = await zip({ 'index.js': Buffer.from('exports.handler = async () => undefined;') });
  const { FunctionArn, CodeSha256 = '' } = await aws.lambda.send(
    new UpdateFunctionCodeCommand({ FunctionName: 'agentkeys-ses-routing', ZipFile: older }),
  );
  const Tags = { [versionTag]: versionOf({ version: '0.0.9', codeSha256: CodeSha256 }) };
  await aws.lambda.send(new TagResourceCommand({ Resource: FunctionArn, Tags }));
}

/** By name. */
export const scenarios = {
  /** Removes the broker's broad grants too. */
  'first deploy': { prepare: granted, args: up, disruptions: faults },
  'update of the code': { prepare: deployed(deployOtherCode), args: ['deploy'], disruptions: faults },
  'deploy over drift': { prepare: deployed(drift), args: ['deploy', '--yes'], disruptions: faults },
  /** Restores the broker's grants. */
  teardown: { prepare: grantsTaken, args: down, disruptions: faults },
  "first deploy beside deploy.sh's router": { prepare: afterDeploySh, args: ['deploy'], disruptions: faults },
  "removal of deploy.sh's router": {
    async prepare(operator, clock) {
      await afterDeploySh(operator, clock);
      await operator.run(['deploy'], { clock });
      await pass(clock, 10 * 60_000);
    },
    args: ['deploy', '--yes'],
    disruptions: faults,
  },

  // Two operators, or an operator and a CI job, at once: the other command runs at each call of the first.
  'two deploys': { prepare: granted, args: up, disruptions: [race(up, true)] },
  'a deploy and a teardown': { prepare: granted, args: up, disruptions: [race(down, false)] },
  'two teardowns, or a deploy in one': {
    prepare: grantsTaken,
    args: down,
    disruptions: [race(down, true), race(up, false)],
  },

  'a deploy whose reads come late': { prepare: granted, args: up, disruptions: [lateReads] },
  'a teardown whose reads come late': { prepare: grantsTaken, args: down, disruptions: [lateReads] },
} satisfies Record<string, Scenario>;
