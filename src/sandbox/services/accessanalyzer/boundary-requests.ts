/**
 * The requests on which two policies are compared: at the edges of everything that either of them says. Many values behave alike; of
 * those that match the same statements, one is enough.
 */
import { listOf, type PolicyDocument, principalsOf, type Statement } from '../../../policy/document.js';
import { matches } from '../../../policy/evaluate.js';
import { reaches } from '../../../policy/principals.js';
import type { AuthorizationRequest, Principal } from '../../../policy/request.js';
import { AwsRefusal } from '../../operation.js';
import {
  conditionValues,
  edges,
  elsewhere,
  variableKeys,
  variableSamples,
  withoutVariables,
} from './boundary-values.js';

export type PolicyKind = 'IDENTITY_POLICY' | 'RESOURCE_POLICY';

/** More requests than this for one action on one resource are not tried. */
const MOST_CONTEXTS = 20_000;

/** An account that no policy names: the resources' owner, so that a resource policy alone decides about every caller of another account. */
const OWNER = '000000000000';
const STRANGER = '999999999999';

/** Keys whose values follow from the principal. */
const ofPrincipal = new Set(['aws:principalarn', 'aws:principalaccount', 'aws:principalisawsservice']);

const stringsIn = (statement: Statement, ...elements: Array<'Action' | 'NotAction' | 'Resource' | 'NotResource'>) =>
  elements.flatMap((element) => listOf(statement[element]));

const conditionsOf = ({ Condition = {} }: Statement) =>
  Object.entries(Condition).flatMap(([operator, tests]) =>
    Object.entries(tests).map(([key, values]) => ({ operator, key: key.toLowerCase(), values })),
  );

/** One of all values that match the same statements. */
function representatives(
  values: string[],
  statements: Statement[],
  fits: (statement: Statement, value: string) => string,
) {
  const byMatches = new Map(values.map((value) => [statements.map((one) => fits(one, value)).join(), value]));
  return [...byMatches.values()];
}

function fitsAction({ Action, NotAction }: Statement, action: string): boolean {
  const is = (pattern: string) => matches(pattern.toLowerCase(), action);
  return Action === undefined ? !listOf(NotAction).some(is) : listOf(Action).some(is);
}

/** By each filling of the policy variables; a trust policy's statement has no resource, and fits any. */
function fillings({ Resource, NotResource }: Statement, resource: string): boolean[] {
  const fits = (filling: 0 | 1) => {
    const is = (text: string) => matches(withoutVariables(text)[filling], resource);
    return Resource === undefined ? !listOf(NotResource).some(is) : listOf(Resource).some(is);
  };
  return [fits(0), fits(1)];
}

const anyFilling = (statement: Statement, resource: string) => fillings(statement, resource).includes(true);

/** A caller by an ARN, an account's ID, a service or a provider, as a Principal element or a condition names it. */
function principalNamed(type: string, value: string): Principal[] {
  if (type === 'Service') return [{ arn: value, service: value }];
  if (type === 'Federated') return [{ arn: value, federated: value }];
  const [, partition, service, , account = '', ...rest] = value.split(':');
  const resource = rest.join(':');
  if (/^\d{12}$/.test(value)) return [memberOf(value, 'aws')];
  if (partition === undefined || service === undefined) return [];
  if (resource === 'root') return [memberOf(account, partition)];
  if (!resource.startsWith('role/')) return [{ arn: value, account }];
  const session = `arn:${partition}:sts::${account}:assumed-role/${resource.split('/').at(-1)}/${elsewhere}`;
  return [{ arn: session, roleArn: value, account }];
}

function memberOf(account: string, partition: string): Principal {
  return { arn: `arn:${partition}:iam::${account}:user/${elsewhere}`, account };
}

/** Everybody whom a resource policy may mean: those it names, and one of each kind that it does not. */
function callers(statements: Statement[]): Principal[] {
  const named = statements.flatMap(({ Principal, NotPrincipal }) =>
    [Principal, NotPrincipal].flatMap((element) =>
      Object.entries(principalsOf(element)).flatMap(([type, values]) =>
        listOf(values).flatMap((value) => principalNamed(type, value)),
      ),
    ),
  );
  const byCondition = statements.flatMap(conditionsOf).flatMap(({ key, operator, values }) => {
    if (key === 'aws:principalarn')
      return conditionValues(operator, values).flatMap((arn) => principalNamed('AWS', arn));
    return key === 'aws:principalaccount' ? listOf(values).map((account) => memberOf(account, 'aws')) : [];
  });
  const others: Principal[] = [
    { arn: 'anonymous' },
    memberOf(STRANGER, 'aws'),
    { arn: `${elsewhere}.amazonaws.com`, service: `${elsewhere}.amazonaws.com` },
    { arn: `${elsewhere}.example.com`, federated: `${elsewhere}.example.com` },
  ];
  const all = [...named, ...byCondition, ...others];
  return [...new Map(all.map((principal) => [JSON.stringify(principal), principal])).values()];
}

/** A role whose own policies are looked at. */
const holder: Principal[] = [
  {
    arn: `arn:aws:sts::${OWNER}:assumed-role/${elsewhere}/${elsewhere}`,
    roleArn: `arn:aws:iam::${OWNER}:role/${elsewhere}`,
    account: OWNER,
  },
];

/** Every combination of these keys' values; undefined for a key that the request does not have. */
function contextsOf(statements: Statement[], kind: PolicyKind): Array<Record<string, string>> {
  const values = new Map<string, Set<string | undefined>>();
  const add = (key: string, more: Array<string | undefined>) => {
    if (kind === 'RESOURCE_POLICY' && ofPrincipal.has(key)) return;
    values.set(key, new Set([...(values.get(key) ?? []), undefined, ...more]));
  };
  for (const statement of statements) {
    for (const key of variableKeys(JSON.stringify(statement))) add(key, [...variableSamples]);
  }
  for (const { operator, key, values: given } of statements.flatMap(conditionsOf))
    add(key, conditionValues(operator, given));
  const size = [...values.values()].reduce((product, each) => product * each.size, 1);
  if (size > MOST_CONTEXTS) {
    const why = `${values.size} condition keys have ${size} combinations of values`;
    throw new AwsRefusal('UnprocessableEntityException', `The policies could not be analyzed: ${why}.`, 422);
  }
  let contexts: Array<Record<string, string>> = [{}];
  for (const [key, each] of values)
    contexts = contexts.flatMap((context) =>
      [...each].map((value) => (value === undefined ? context : { ...context, [key]: value })),
    );
  return contexts;
}

/**
 * The requests at the edges of two policies that an Allow of the second may concern.
 *
 * @throws {AwsRefusal} UnprocessableEntityException, for too many conditions
 */
export function* boundaryRequests(
  existing: PolicyDocument,
  updated: PolicyDocument,
  kind: PolicyKind,
): Generator<AuthorizationRequest> {
  const statements = [...existing.Statement, ...updated.Statement];
  const ofUpdated = new Set(updated.Statement.filter(({ Effect }) => Effect === 'Allow'));
  const named = edges(
    statements.flatMap((one) => stringsIn(one, 'Action', 'NotAction')).map((one) => one.toLowerCase()),
  );
  const actions = representatives([...named, `${elsewhere}:${elsewhere}`], statements, (one, action) =>
    String(fitsAction(one, action)),
  );
  const held = edges(statements.flatMap((one) => stringsIn(one, 'Resource', 'NotResource')));
  const resources = representatives([...held, `arn:aws:${elsewhere}:::${elsewhere}`], statements, (one, resource) =>
    fillings(one, resource).join('/'),
  );
  const principals = kind === 'IDENTITY_POLICY' ? holder : callers(statements);
  for (const action of actions) {
    const acting = statements.filter((one) => fitsAction(one, action));
    for (const resource of resources) {
      const concerned = acting.filter((one) => anyFilling(one, resource));
      if (!concerned.some((one) => ofUpdated.has(one))) continue;
      for (const principal of principals) {
        const meant =
          kind === 'IDENTITY_POLICY'
            ? concerned
            : concerned.filter((one) => reaches(one, principal, false) !== undefined);
        if (!meant.some((one) => ofUpdated.has(one))) continue;
        for (const context of contextsOf(meant, kind))
          yield { principal, action, resource, resourceAccount: OWNER, context };
      }
    }
  }
}
