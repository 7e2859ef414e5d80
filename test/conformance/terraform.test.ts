/**
 * Terraform's AWS provider on the embedded AWS: it applies a stack of all the resources that this tool makes, finds nothing to change,
 * and destroys it.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { functionPackage } from '../../src/package/function-package.js';
import { startOperator } from '../support/operator.js';
import { terraformIn } from '../support/terraform.js';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

t.test('applies, plans no changes, and destroys', async (t) => {
  const { sandbox, bucket } = await startOperator(t);
  const { endpoint, account, region, administrator } = sandbox;
  const folder = t.testdir({});
  const zip = join(folder, 'function.zip');
  await writeFile(zip, (await functionPackage()).zip);
  const files = ['../bench/terraform/main.tf', 'terraform/queue.tf'].map(here);
  const terraform = await terraformIn(folder, files, {
    AWS_ACCESS_KEY_ID: administrator.accessKeyId,
    AWS_SECRET_ACCESS_KEY: administrator.secretAccessKey,
    AWS_ENDPOINT_URL_SQS: endpoint,
    TF_VAR_endpoint: endpoint,
    TF_VAR_account: account,
    TF_VAR_region: region,
    TF_VAR_bucket: bucket,
    TF_VAR_mail_domain: 'bots.example.com',
    TF_VAR_package: zip,
  });
  if (typeof terraform === 'string') return t.plan(0, terraform);
  // Terraform takes a bucket's whole notification configuration for its own.
  const mail = sandbox.state.s3.buckets.get(bucket);
  if (mail) mail.notification = {};
  const before = sandbox.snapshot();
  /** What Terraform complains of, without the plan before it. */
  const complaint = ({ output }: { output: string }) => output.slice(Math.max(output.indexOf('Error:'), 0));
  const unanswered = () => sandbox.calls.filter(({ status }) => status >= 500);

  const applied = await terraform('apply', '-auto-approve');
  t.equal(applied.status, 0, complaint(applied));
  t.match(applied.output, 'Apply complete! Resources: 13 added, 0 changed, 0 destroyed.');
  const planned = await terraform('plan', '-detailed-exitcode');
  t.equal(planned.status, 0, complaint(planned));
  t.match(planned.output, 'No changes.');
  const destroyed = await terraform('destroy', '-auto-approve');
  t.equal(destroyed.status, 0, complaint(destroyed));
  t.match(destroyed.output, 'Destroy complete! Resources: 13 destroyed.');
  t.strictSame(unanswered(), [], 'no operation is missing');
  t.strictSame(sandbox.snapshot(), before, 'nothing is left');
  const operations = new Set(sandbox.calls.map(({ service, operation }) => `${service}:${operation}`));
  t.comment(`${sandbox.calls.length} calls of ${operations.size} operations`);
});
