/**
 * An operator with a deployed stack: the broker's broad grants are removed and the terms of the routed services reviewed, so every check
 * is OK.
 */
import { DetachRolePolicyCommand } from '@aws-sdk/client-iam';
import type { Test } from 'tap';
import { systemClock } from '../../../src/aws/waits.js';
import { agentToken } from '../../../src/commands/demo/operator-account.js';
import type { Check } from '../../../src/commands/verify/check.js';
import type { SandboxOptions } from '../../../src/sandbox/index.js';
import { mailDomain } from '../../support/mail.js';
import { type Operator, type Run, type RunOptions, startOperator } from '../../support/operator.js';

export const wallet = '0xabcdef0123456789abcdef0123456789abcdef01';

export interface Verified extends Run {
  /** The innermost checks by outcome, each with the path to it: `the stack is in sync > rule …`. */
  failed: string[];
  skipped: string[];
  checks: Check[];
}

export interface Deployed extends Operator {
  deploy(...flags: string[]): Promise<Run>;
  verify(flags?: string[], options?: RunOptions): Promise<Verified>;
}

/**
 * @param removal who takes the broker's broad grant away: the deploy, whose Deny then covers listing, too; or somebody before it, so that
 *   the broker's policy is the smaller one.
 */
export async function startDeployed(
  t: Test,
  options: SandboxOptions = {},
  removal: 'by the deploy' | 'before it' = 'by the deploy',
): Promise<Deployed> {
  const operator = await startOperator(t, options);
  if (removal === 'before it')
    await operator.aws.iam.send(
      new DetachRolePolicyCommand({
        RoleName: 'agentkeys-broker-host',
        PolicyArn: 'arn:aws:iam::aws:policy/AmazonS3FullAccess',
      }),
    );
  const domain = ['--mail-domain', mailDomain];
  const reviewed = ['--tos-reviewed', 'openrouter=2026-01-02'];
  const removing = [removal === 'by the deploy' ? '--remove-broad-grants' : '--broker-reads-inbound'];
  const deploy = (...flags: string[]) =>
    operator.run(['deploy', '--yes', ...removing, ...reviewed, ...domain, ...flags]);
  const { status, stderr } = await deploy();
  if (status !== 0) throw new Error(stderr);
  return {
    ...operator,
    deploy,
    async verify(flags = [], more = {}) {
      // The probe waits for a real function: the time is the machine's.
      const run = await operator.run(['verify', '--json', ...domain, ...flags], { clock: systemClock, ...more });
      const { checks = [] }: { checks?: Check[] } = JSON.parse(run.stdout || '{}');
      return { ...run, checks, failed: paths(checks, 'FAIL'), skipped: paths(checks, 'SKIP') };
    },
  };
}

/** The paths of the innermost checks with this outcome. */
export function paths(checks: Check[], outcome: Check['outcome'], above = ''): string[] {
  return checks.flatMap((check) => {
    const path = above + check.name;
    if (check.checks !== undefined) return paths(check.checks, outcome, `${path} > `);
    return check.outcome === outcome ? [path] : [];
  });
}

/** A file with an agent's token, good for ten minutes. */
export function tokenFile(t: Test, of: string = wallet): string {
  return `${t.testdir({ 'token.jwt': `${agentToken(of, Date.now() / 1_000 + 600)}\n` })}/token.jwt`;
}
