/**
 * The broker's role as a value, without a network: given policies, and changed by the calls of a plan.
 */
import type { Write } from '../../../src/aws/writes.js';
import { type PolicyDocument, parsePolicy, policyText } from '../../../src/policy/document.js';
import type { BrokerPolicy, BrokerRole, ManagedPolicy } from '../../../src/stack/broker/state.js';
import type { RoleShape } from './broker-role.js';
import { account, type Policies } from './matrix.js';

const text = (Action: string[]) =>
  policyText({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: '*' }] });

/** The AWS-managed policies of the cases, by name. */
export const attachable: Record<string, string> = {
  AmazonS3FullAccess: text(['s3:*', 's3-object-lambda:*']),
  AmazonS3ReadOnlyAccess: text(['s3:Get*', 's3:List*', 's3:Describe*']),
};

function managed(arn: string, text: string): ManagedPolicy {
  return { kind: 'managed', name: arn.slice(arn.lastIndexOf('/') + 1), arn, text, document: parsePolicy(text) };
}

function attachedPolicy(arn: string): ManagedPolicy {
  const policy = managed(arn, '{"Statement":[]}');
  const text = attachable[policy.name];
  if (text === undefined || arn !== `arn:aws:iam::aws:policy/${policy.name}`) throw new Error(`not attachable: ${arn}`);
  return managed(arn, text);
}

function inline(name: string, text: string): BrokerPolicy {
  return { kind: 'inline', name, text, document: parsePolicy(text) };
}

/** The role with these policies. */
export function roleWith({
  attached = [],
  inline: texts = {},
  managed: customer = {},
  boundary,
}: RoleShape): BrokerRole {
  return {
    name: 'agentkeys-broker-host',
    arn: `arn:aws:iam::${account}:role/agentkeys-broker-host`,
    tags: {},
    trust: '{}',
    saved: [],
    policies: [
      ...Object.entries(texts).map(([name, text]) => inline(name, text)),
      ...attached.map((name) => attachedPolicy(`arn:aws:iam::aws:policy/${name}`)),
      ...Object.entries(customer).map(([name, text]) => managed(`arn:aws:iam::${account}:policy/${name}`, text)),
    ],
    ...(boundary === undefined ? {} : { boundary: { name: 'the-boundary', document: parsePolicy(boundary) } }),
  };
}

/** The role after a call. As IAM does, it refuses what makes no sense. */
function withWrite(role: BrokerRole, write: Write): BrokerRole {
  const { policies, saved, tags } = role;
  switch (write.call) {
    case 'iam:AttachRolePolicy':
      return { ...role, policies: [...policies, attachedPolicy(String(write.input.PolicyArn))] };
    case 'iam:DetachRolePolicy': {
      const left = policies.filter((one) => one.kind === 'inline' || one.arn !== write.input.PolicyArn);
      if (left.length === policies.length) throw new Error(`not attached: ${write.input.PolicyArn}`);
      return { ...role, policies: left };
    }
    case 'iam:PutRolePolicy': {
      const { PolicyName = '', PolicyDocument = '' } = write.input;
      const others = policies.filter((one) => one.kind === 'managed' || one.name !== PolicyName);
      return { ...role, policies: [...others, inline(PolicyName, PolicyDocument)] };
    }
    case 'iam:DeleteRolePolicy': {
      const left = policies.filter((one) => one.kind === 'managed' || one.name !== write.input.PolicyName);
      if (left.length === policies.length) throw new Error(`no such policy: ${write.input.PolicyName}`);
      return { ...role, policies: left };
    }
    case 'iam:TagRole': {
      const added = (write.input.Tags ?? []).map(({ Key, Value }) => [String(Key), String(Value)]);
      return { ...role, tags: { ...tags, ...Object.fromEntries(added) } };
    }
    case 'iam:UntagRole': {
      const left = Object.entries(tags).filter(([key]) => !write.input.TagKeys?.includes(key));
      return { ...role, tags: Object.fromEntries(left) };
    }
    case 'iam:CreatePolicy': {
      const { Path, PolicyName, PolicyDocument, Tags } = write.input;
      const name = Tags?.find(({ Key }) => Key === 'policy-name')?.Value?.replaceAll(':', ',') ?? '';
      const arn = `arn:aws:iam::${account}:policy${Path}${PolicyName}`;
      return { ...role, saved: [...saved, { arn, name, text: String(PolicyDocument) }] };
    }
    case 'iam:DeletePolicy':
      return { ...role, saved: saved.filter(({ arn }) => arn !== write.input.PolicyArn) };
    default:
      throw new Error(`not a call on the broker's role: ${write.call}`);
  }
}

/** The role after these calls, in order. */
export function withWrites(role: BrokerRole, writes: Write[]): BrokerRole {
  return writes.reduce(withWrite, role);
}

/** The role's policies, for the matrix. */
export function policiesOf({ policies, boundary }: BrokerRole): Policies {
  const identity: PolicyDocument[] = policies.map((one) => one.document);
  return { identity, ...(boundary === undefined ? {} : { boundary: boundary.document }) };
}
