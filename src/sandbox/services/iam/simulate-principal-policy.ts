/**
 * IAM's policy simulator, for the policies attached to a role or a user.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
 *
 * Left out: where in its policy a statement stands, and that AWS refuses some actions in one call, those that "require different
 * authorization information", without telling which.
 */
import { listOf, type PolicyDocument } from '../../../policy/document.js';
import { type ApplicablePolicies, evaluate, type NamedPolicy } from '../../../policy/evaluate.js';
import type { AuthorizationRequest } from '../../../policy/request.js';
import { variablesIn } from '../../../policy/variables.js';
import { policiesOf } from '../../access/authorize.js';
import type { AccountState, Identity } from '../../account/state.js';
import { AwsRefusal, type Operation } from '../../operation.js';
import { queryList } from '../../protocols/query.js';
import { type MarkerInput, markerPage } from '../pagination.js';
import { requireEntity } from './common.js';

interface SimulateInput extends MarkerInput {
  PolicySourceArn: string;
  ActionNames?: string[] | string;
  ResourceArns?: string[] | string;
  ContextEntries?: Array<{ ContextKeyName: string; ContextKeyValues?: string[] | string }> | string;
  CallerArn?: string;
  ResourcePolicy?: string;
}

type Context = Record<string, string[]>;

const invalidInput = (message: string): AwsRefusal => new AwsRefusal('InvalidInput', message);

interface Entity {
  kind: string;
  name: string;
}

/**
 * Whom an ARN means. The messages are AWS's, as others came to see them: https://github.com/newrelic/newrelic-lambda-cli/issues/96
 * @throws {AwsRefusal} InvalidInput for anything but a user, a group or a role, and for another account's
 */
function entityOf(state: AccountState, arn: string): Entity {
  const form = /^arn:[\w-]+:iam::(\d{12}):(user|group|role)\/(?:.*\/)?([^/]+)$/;
  const [, account, kind = '', name = ''] = form.exec(arn) ?? [];
  if (account === undefined)
    throw invalidInput(`Invalid Entity Arn: ${arn} does not clearly define entity type and name.`);
  if (account !== state.account) {
    const access = `caller's account ${state.account} does not have access to policies in account ${account}`;
    throw invalidInput(`Invalid Policy Source Arn: ${access}`);
  }
  return { kind, name };
}

/** @throws {AwsRefusal} NoSuchEntity, for groups too: there are none here */
function identityOf({ iam }: AccountState, { kind, name }: Entity): Identity {
  const identities: Record<string, Map<string, Identity>> = { role: iam.roles, user: iam.users };
  return requireEntity(identities[kind]?.get(name), `The ${kind} with name ${name} cannot be found.`);
}

/** Parameters that would change the answer and are not emulated. */
const notEmulated = [
  ...['PolicyInputList', 'PermissionsBoundaryPolicyInputList', 'PolicyExclusionList', 'ResourcePolicy'],
  ...['ResourceOwner', 'ResourceHandlingOption'],
];

/** @throws {AwsRefusal} InvalidInput, and NotImplemented for what is not emulated */
function checkInput(state: AccountState, input: SimulateInput): void {
  const { CallerArn, PolicySourceArn, ResourcePolicy } = input;
  const caller = entityOf(state, CallerArn ?? PolicySourceArn);
  // "Simulation of resource-based policies isn't supported for IAM roles." In these words: https://github.com/ScottLogic/blog/pull/308
  if (ResourcePolicy !== undefined && caller.kind !== 'user') {
    throw invalidInput('Invalid caller - Caller must be an IAM user in this context.');
  }
  const unknown = Object.keys(input).filter((member) => notEmulated.includes(member));
  if (unknown.length > 0) {
    throw new AwsRefusal('NotImplemented', `The embedded AWS does not support ${unknown.join(', ')}.`, 501);
  }
  // "Each operation must include the service identifier, such as iam:CreateUser."
  const actions = queryList(input.ActionNames);
  const wrong = actions.filter((action) => !/^[\w-]+:\S{1,100}$/.test(action));
  if (actions.length === 0 || wrong.length > 0) throw invalidInput(`Invalid Input Actions: [${wrong.join()}]`);
}

/** Condition keys that follow from the request. The simulator uses only those given. */
const keysNotDerived: Context = {
  'aws:resourceaccount': [],
  'aws:principalisawsservice': [],
  'aws:principalaccount': [],
  'aws:principalarn': [],
  'aws:username': [],
};

/** The condition keys given, in lower case. */
function contextIn(input: SimulateInput): Context {
  const given = queryList(input.ContextEntries).map(({ ContextKeyName, ContextKeyValues }): [string, string[]] => [
    ContextKeyName.toLowerCase(),
    queryList(ContextKeyValues),
  ]);
  return { ...keysNotDerived, ...Object.fromEntries(given) };
}

/** The condition keys used in a document, in conditions and variables. */
function keysOf({ Version, Statement }: PolicyDocument): string[] {
  return Statement.flatMap(({ Resource, NotResource, Condition = {} }) => {
    const tests = Object.values(Condition).flatMap((keys) => Object.entries(keys));
    const texts = [...listOf(Resource), ...listOf(NotResource), ...tests.flatMap(([, values]) => listOf(values))];
    return [...tests.map(([key]) => key), ...(Version === '2012-10-17' ? texts.flatMap(variablesIn) : [])];
  });
}

/**
 * The keys that policies look at and that were not given: of all their statements, also those about other actions.
 * https://github.com/aws/aws-sdk-java-v2/issues/1751
 */
function missingKeys(policies: NamedPolicy[], context: Context): string[] {
  const keys = policies.flatMap(({ document }) => keysOf(document));
  const referenced = new Map(keys.map((key) => [key.toLowerCase(), key]));
  return [...referenced].filter(([key]) => !context[key]?.length).map(([, key]) => key);
}

/** A statement as the only one of its policy, for evaluating it alone. */
interface SingleStatement {
  policy: string;
  document: PolicyDocument;
}

/** The identity's policies, whole and by statement. */
interface AttachedPolicies {
  identity: NamedPolicy[];
  boundary?: NamedPolicy;
  statements: SingleStatement[];
}

function attachedTo(state: AccountState, source: Entity): AttachedPolicies {
  const { identity, boundary } = policiesOf(state, identityOf(state, source));
  const statements = identity.flatMap(({ name, document }) =>
    document.Statement.map((statement) => ({ policy: name, document: { ...document, Statement: [statement] } })),
  );
  return { identity, boundary, statements };
}

/** The result of an action on one resource. */
interface SimulationResult {
  decision: 'allowed' | 'explicitDeny' | 'implicitDeny';
  /** The identity's statements that decided it. */
  deciding: SingleStatement[];
  /** Absent without a permissions boundary. */
  withinBoundary?: boolean;
}

function decisionOf(request: AuthorizationRequest, policies: ApplicablePolicies): SimulationResult['decision'] {
  const { allowed, reason } = evaluate(request, policies);
  if (allowed) return 'allowed';
  return reason === 'explicit deny' ? 'explicitDeny' : 'implicitDeny';
}

/** Simulates one action on one resource. @throws {UnknownConditionError} */
function simulate(
  { identity, boundary, statements }: AttachedPolicies,
  request: AuthorizationRequest,
): SimulationResult {
  const decision = decisionOf(request, { identity, boundary });
  const alone = (policy: Pick<NamedPolicy, 'document'>) => decisionOf(request, { identity: [{ name: '', ...policy }] });
  return {
    decision,
    deciding: decision === 'implicitDeny' ? [] : statements.filter((statement) => alone(statement) === decision),
    withinBoundary: boundary && alone(boundary) === 'allowed',
  };
}

/** Each statement once. The type has other documented values: this is what AWS says. To an inline policy it adds whose it is. */
function matchedStatements({ kind, name }: Entity, outcomes: SimulationResult[]) {
  return [...new Set(outcomes.flatMap(({ deciding }) => deciding))].map(({ policy }) => ({
    SourcePolicyId: policy.startsWith('arn:') ? policy.split('/').at(-1) : `${kind}_${name}_${policy}`,
    SourcePolicyType: 'IAM Policy',
  }));
}

function boundaryDetail(outcomes: SimulationResult[]) {
  const results = outcomes.flatMap(({ withinBoundary }) => withinBoundary ?? []);
  return results.length === 0 ? undefined : { AllowedByPermissionsBoundary: !results.includes(false) };
}

/** The ARN format of an action's resources; `*` for those that are not needed here. */
function resourceTemplate({ partition }: AccountState, action: string): string {
  if (/^s3:\w+object/i.test(action)) return `arn:${partition}:s3:::\${BucketName}/\${KeyName}`;
  return /^s3:/i.test(action) ? `arn:${partition}:s3:::\${BucketName}` : '*';
}

/** The strictest first. */
const decisions = ['explicitDeny', 'implicitDeny', 'allowed'] as const;

/**
 * The result for one action. Resources that were named have results of their own, and what is said of the action is then the
 * strictest of them, about no resource in particular.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_EvaluationResult.html
 */
function evaluationResult(
  state: AccountState,
  source: Entity,
  action: string,
  outcomes: Array<[resource: string, SimulationResult]>,
  MissingContextValues: string[],
) {
  const all = outcomes.map(([, outcome]) => outcome);
  const EvalDecision = decisions.find((strict) => all.some(({ decision }) => decision === strict));
  const decisive = all.filter(({ decision }) => decision === EvalDecision);
  const named = outcomes.some(([resource]) => resource !== '*');
  const specific = outcomes.map(([EvalResourceName, outcome]) => ({
    EvalResourceName,
    EvalResourceDecision: outcome.decision,
    MatchedStatements: matchedStatements(source, [outcome]),
    MissingContextValues,
    PermissionsBoundaryDecisionDetail: boundaryDetail([outcome]),
  }));
  return {
    EvalActionName: action,
    EvalResourceName: named ? resourceTemplate(state, action) : '*',
    EvalDecision,
    MatchedStatements: matchedStatements(source, decisive),
    MissingContextValues,
    PermissionsBoundaryDecisionDetail: boundaryDetail(all),
    // "If the simulation evaluates policies within the same account and includes a resource ARN, … the response is empty."
    ...(named ? { EvalDecisionDetails: {}, ResourceSpecificResults: specific } : {}),
  };
}

const simulatePrincipalPolicy: Operation<SimulateInput> = {
  service: 'iam',
  name: 'SimulatePrincipalPolicy',
  mutates: false,
  access({ state, input }) {
    // An entity of another account is refused for every caller.
    entityOf(state, input.PolicySourceArn);
    return [{ action: 'iam:SimulatePrincipalPolicy', resource: input.PolicySourceArn }];
  },
  run({ state, input }) {
    checkInput(state, input);
    const { PolicySourceArn, CallerArn: arn = PolicySourceArn } = input;
    const source = entityOf(state, PolicySourceArn);
    const attached = attachedTo(state, source);
    const context = contextIn(input);
    const missing = missingKeys(attached.identity, context);
    const asked = { principal: { arn, account: state.account }, resourceAccount: state.account, context };
    const named = queryList(input.ResourceArns);
    const resources = named.length > 0 ? named : ['*'];
    try {
      const results = queryList(input.ActionNames).map((action) => {
        const outcomes = resources.map((resource): [string, SimulationResult] => [
          resource,
          simulate(attached, { ...asked, action, resource }),
        ]);
        return evaluationResult(state, source, action, outcomes, missing);
      });
      return markerPage('EvaluationResults', results, input);
    } catch (failure) {
      throw new AwsRefusal('PolicyEvaluation', `A policy could not be evaluated: ${failure}.`, 500);
    }
  },
};

export const simulationOperations: Operation[] = [simulatePrincipalPolicy];
