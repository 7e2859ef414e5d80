/**
 * The policies of IAM's roles and users, inline and attached: the same operations under two names.
 */
import { parsePolicy, policySize } from '../../../policy/document.js';
import type { AccountState, Identity } from '../../account/state.js';
import { type Access, AwsRefusal, type Operation, type OperationCall } from '../../operation.js';
import { encoded, existing, identityArn, type PageInput, page, validName, validPolicy, within } from './common.js';

interface Kind {
  /** As the operations' names have it: `PutRolePolicy`, `PutUserPolicy`. */
  title: 'Role' | 'User';
  name: 'role' | 'user';
  identities(state: AccountState): Map<string, Identity>;
  /** What all inline policies together may take, bytes. */
  inlineLimit: number;
}

const kinds: Kind[] = [
  { title: 'Role', name: 'role', identities: (state) => state.iam.roles, inlineLimit: 10_240 },
  { title: 'User', name: 'user', identities: (state) => state.iam.users, inlineLimit: 2048 },
];

interface Input extends PageInput {
  RoleName?: string;
  UserName?: string;
  PolicyName: string;
  PolicyDocument: string;
  PolicyArn: string;
}

function operationsOf(kind: Kind): Operation[] {
  const { title, inlineLimit } = kind;
  const nameIn = (input: Input) => String(title === 'Role' ? input.RoleName : input.UserName);

  function identity({ state, input }: OperationCall<Input>): Identity {
    const name = nameIn(input);
    return existing(kind.identities(state).get(name), `The ${kind.name} with name ${name} cannot be found.`);
  }

  function access(action: string) {
    return ({ state, input }: OperationCall<Input>): Access[] => {
      const context = input.PolicyArn === undefined ? undefined : { 'iam:PolicyARN': input.PolicyArn };
      return [{ action, resource: identityArn(state, kind.name, nameIn(input)), context }];
    };
  }

  function operation(name: string, mutates: boolean, run: (call: OperationCall<Input>) => unknown): Operation<Input> {
    return { service: 'iam', name, mutates, access: access(`iam:${name}`), run };
  }

  const unknown = (name: string) => `The ${kind.name} policy with name ${name} cannot be found.`;

  return [
    operation(`Put${title}Policy`, true, (call) => {
      const { PolicyName, PolicyDocument } = call.input;
      const { inline, name } = identity(call);
      validName('policyName', PolicyName, 128);
      validPolicy(PolicyDocument, 'identity');
      const sizes = [...new Map([...inline, [PolicyName, PolicyDocument]]).values()].map((text) => {
        return policySize(parsePolicy(text));
      });
      const size = sizes.reduce((sum, each) => sum + each, 0);
      within(size, inlineLimit, `Maximum policy size of ${inlineLimit} bytes exceeded for ${kind.name} ${name}`);
      inline.set(PolicyName, PolicyDocument);
    }),

    operation(`Get${title}Policy`, false, (call) => {
      const { PolicyName } = call.input;
      const { inline, name } = identity(call);
      const text = existing(inline.get(PolicyName), unknown(PolicyName));
      return { [`${title}Name`]: name, PolicyName, PolicyDocument: encoded(text) };
    }),

    operation(`Delete${title}Policy`, true, (call) => {
      const { PolicyName } = call.input;
      const { inline } = identity(call);
      existing(inline.get(PolicyName), unknown(PolicyName));
      inline.delete(PolicyName);
    }),

    operation(`List${title}Policies`, false, (call) => {
      return page('PolicyNames', [...identity(call).inline.keys()].sort(), call.input);
    }),

    operation(`Attach${title}Policy`, true, (call) => {
      const { PolicyArn } = call.input;
      const { attached } = identity(call);
      if (!call.state.iam.policies.has(PolicyArn)) {
        throw new AwsRefusal('NoSuchEntity', `Policy ${PolicyArn} does not exist or is not attachable.`, 404);
      }
      within(new Set([...attached, PolicyArn]).size, 10, `Cannot exceed quota for PoliciesPer${title}: 10`);
      attached.add(PolicyArn);
    }),

    operation(`Detach${title}Policy`, true, (call) => {
      const { PolicyArn } = call.input;
      const { attached } = identity(call);
      existing(attached.has(PolicyArn) || undefined, `Policy ${PolicyArn} was not found.`);
      attached.delete(PolicyArn);
    }),

    operation(`ListAttached${title}Policies`, false, (call) => {
      const policies = [...identity(call).attached].sort().map((PolicyArn) => {
        return { PolicyName: PolicyArn.split('/').at(-1), PolicyArn };
      });
      return page('AttachedPolicies', policies, call.input);
    }),
  ];
}

export const identityPolicyOperations: Operation[] = kinds.flatMap(operationsOf);
