/**
 * AWS responses with missing parts, or in an earlier form.
 */
import t from 'tap';
import { startDeployed } from './operator.js';

t.test('receipt rules without actions, and without recipients', async (t) => {
  const { verify, sandbox, bucket } = await startDeployed(t);
  const action = `<S3Action><BucketName>${bucket}</BucketName><ObjectKeyPrefix>inbound/</ObjectKeyPrefix></S3Action>`;
  const rules = [
    '<member><Name>idle</Name><Enabled>true</Enabled></member>',
    `<member><Name>all</Name><Enabled>true</Enabled><Actions><member>${action}</member></Actions></member>`,
  ];
  const result = `<Metadata><Name>set</Name></Metadata><Rules>${rules.join('')}</Rules>`;
  const name = 'DescribeActiveReceiptRuleSet';
  const body = `<${name}Response><${name}Result>${result}</${name}Result></${name}Response>`;
  sandbox.intercept(({ operation }) => (operation === name ? { kind: 'answer', status: 200, body } : undefined));
  const { failed, checks } = await verify();
  t.strictSame(failed, []);
  t.match(JSON.stringify(checks), '"receipt rule all","outcome":"OK"');
});

t.test('an access control list without grants', async (t) => {
  const { verify, sandbox } = await startDeployed(t);
  const body = '<AccessControlPolicy><Owner><ID>o</ID></Owner></AccessControlPolicy>';
  sandbox.intercept(({ operation }) =>
    operation === 'GetBucketAcl' ? { kind: 'answer', status: 200, body } : undefined,
  );
  t.strictSame((await verify()).failed, []);
});

t.test("the simulator's earlier form of an answer, without ResourceSpecificResults", async (t) => {
  const { verify, sandbox } = await startDeployed(t);
  const name = 'SimulatePrincipalPolicy';
  const asked: string[][] = [];
  sandbox.intercept(({ operation, input }) => {
    if (operation !== name) return undefined;
    const { PolicySourceArn, ActionNames, ResourceArns } = input as Record<string, string[]>;
    asked.push(ActionNames ?? []);
    if (!String(PolicySourceArn).endsWith('/agentkeys-ses-routing-role')) return undefined;
    const of = `<EvalActionName>${ActionNames}</EvalActionName><EvalResourceName>${ResourceArns}</EvalResourceName>`;
    const result = `<member>${of}<EvalDecision>allowed</EvalDecision></member>`;
    const results = `<EvaluationResults>${result}</EvaluationResults><IsTruncated>false</IsTruncated>`;
    return {
      kind: 'answer',
      status: 200,
      body: `<${name}Response><${name}Result>${results}</${name}Result></${name}Response>`,
    };
  });
  t.strictSame((await verify()).failed, []);
  t.ok(asked.length > 3 && asked.every((actions) => actions.length === 1), 'one action a call');
});

t.test("a denial by the organization's policies is no disagreement", async (t) => {
  const { verify, sandbox } = await startDeployed(t);
  const name = 'SimulatePrincipalPolicy';
  sandbox.intercept(({ operation, input }) => {
    const { PolicySourceArn, ActionNames, ResourceArns = [] } = input as Record<string, string[]>;
    const ofFunction = String(PolicySourceArn).endsWith('/agentkeys-ses-routing-role');
    if (operation !== name || !ofFunction || !String(ActionNames).endsWith('Object')) return undefined;
    const specific = ResourceArns.map(
      (arn) =>
        `<member><EvalResourceName>${arn}</EvalResourceName><EvalResourceDecision>implicitDeny</EvalResourceDecision></member>`,
    );
    const result = [
      `<EvalActionName>${ActionNames}</EvalActionName><EvalDecision>implicitDeny</EvalDecision>`,
      '<OrganizationsDecisionDetail><AllowedByOrganizations>false</AllowedByOrganizations></OrganizationsDecisionDetail>',
      `<ResourceSpecificResults>${specific.join('')}</ResourceSpecificResults>`,
    ];
    const results = `<EvaluationResults><member>${result.join('')}</member></EvaluationResults>`;
    return {
      kind: 'answer',
      status: 200,
      body: `<${name}Response><${name}Result>${results}<IsTruncated>false</IsTruncated></${name}Result></${name}Response>`,
    };
  });
  const { status, checks, skipped } = await verify();
  t.equal(status, 0);
  t.ok(
    skipped.includes("isolation, by the policies > the function > AWS's policy simulator agrees on its own policies"),
  );
  t.match(JSON.stringify(checks), "it denies 2 of 3 requests because of the organization's service control policies");
});
