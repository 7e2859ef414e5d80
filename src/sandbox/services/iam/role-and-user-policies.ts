/**
 * IAM: the inline and attached policies of roles and users: the same operations under two names, as PutRolePolicy and
 * PutUserPolicy.
 */
import { parsePolicy, policySize } from '../../../policy/document.js';
import type { AccountState, Identity } from '../../account/state.js';
import { type Access, AwsRefusal, type Operation, type OperationCall } from '../../operation.js';
import { type MarkerInput, markerPage } from '../pagination.js';
import { checkName, checkQuota, identityArn, requireEntity } from './common.js';
import { encodedDocument, readPolicy } from './policy-documents.js';

interface Kind {
  /** As in the operations' names: `PutRolePolicy`, `PutUserPolicy`. */
  noun: 'Role' | 'User';
  name: 'role' | 'user';
  identities(state: AccountState): Map<string, Identity>;
  /** The quota of all inline policies together, bytes. */
  inlineLimit: number;
}

const kinds: Kind[] = [
  { noun: 'Role', name: 'role', identities: (state) => state.iam.roles, inlineLimit: 10_240 },
  { noun: 'User', name: 'user', identities: (state) => state.iam.users, inlineLimit: 2048 },
];

interface Input extends MarkerInput {
  RoleName?: string;
  UserName?: string;
  PolicyName: string;
  PolicyDocument: string;
  PolicyArn: string;
}

function operationsOf(kind: Kind): Operation[] {
  const { noun, inlineLimit } = kind;
  const nameIn = (input: Input) => String(noun === 'Role' ? input.RoleName : input.UserName);

  function identity({ state, input }: OperationCall<Input>): Identity {
    const name = nameIn(input);
    return requireEntity(kind.identities(state).get(name), `The ${kind.name} with name ${name} cannot be found.`);
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
    operation(`Put${noun}Policy`, true, (call) => {
      const { PolicyName, PolicyDocument } = call.input;
      const { inline, name } = identity(call);
      checkName('policyName', PolicyName, 128);
      readPolicy(PolicyDocument, 'identity');
      const sizes = [...new Map([...inline, [PolicyName, PolicyDocument]]).values()].map((text) => {
        return policySize(parsePolicy(text));
      });
      const size = sizes.reduce((sum, each) => sum + each, 0);
      checkQuota(size, inlineLimit, `Maximum policy size of ${inlineLimit} bytes exceeded for ${kind.name} ${name}`);
      inline.set(PolicyName, PolicyDocument);
    }),

    operation(`Get${noun}Policy`, false, (call) => {
      const { PolicyName } = call.input;
      const { inline, name } = identity(call);
      const text = requireEntity(inline.get(PolicyName), unknown(PolicyName));
      return { [`${noun}Name`]: name, PolicyName, PolicyDocument: encodedDocument(text) };
    }),

    operation(`Delete${noun}Policy`, true, (call) => {
      const { PolicyName } = call.input;
      const { inline } = identity(call);
      requireEntity(inline.get(PolicyName), unknown(PolicyName));
      inline.delete(PolicyName);
    }),

    operation(`List${noun}Policies`, false, (call) => {
      return markerPage('PolicyNames', [...identity(call).inline.keys()].sort(), call.input);
    }),

    operation(`Attach${noun}Policy`, true, (call) => {
      const { PolicyArn } = call.input;
      const { attached } = identity(call);
      if (!call.state.iam.policies.has(PolicyArn)) {
        throw new AwsRefusal('NoSuchEntity', `Policy ${PolicyArn} does not exist or is not attachable.`, 404);
      }
      checkQuota(new Set([...attached, PolicyArn]).size, 10, `Cannot exceed quota for PoliciesPer${noun}: 10`);
      attached.add(PolicyArn);
    }),

    operation(`Detach${noun}Policy`, true, (call) => {
      const { PolicyArn } = call.input;
      const { attached } = identity(call);
      requireEntity(attached.has(PolicyArn) || undefined, `Policy ${PolicyArn} was not found.`);
      attached.delete(PolicyArn);
    }),

    operation(`ListAttached${noun}Policies`, false, (call) => {
      const policies = [...identity(call).attached].sort().map((PolicyArn) => {
        return { PolicyName: PolicyArn.split('/').at(-1), PolicyArn };
      });
      return markerPage('AttachedPolicies', policies, call.input);
    }),
  ];
}

export const identityPolicyOperations: Operation[] = kinds.flatMap(operationsOf);
