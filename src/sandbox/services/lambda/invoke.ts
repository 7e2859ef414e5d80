/**
 * Lambda: Invoke. https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */
import { type Operation, RestAnswer } from '../../operation.js';
import { type FunctionInput, findFunction, functionArn, functionName, lambdaRefusal, validation } from './common.js';

interface InvokeInput extends FunctionInput {
  InvocationType?: string;
  LogType?: string;
  Payload: Buffer;
}

/** Bytes of a payload. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html#function-configuration-deployment-and-execution */
const mostBytes = { RequestResponse: 6_291_456, Event: 1_048_576 };

/**
 * Lambda has one code for both, and not the one of its API reference.
 * https://github.com/pelmers/streetwarp-web/issues/14, https://github.com/ASFHyP3/hyp3/issues/2241
 * @throws {AwsRefusal} RequestEntityTooLargeException
 */
function checkSize({ length }: Buffer, type: keyof typeof mostBytes): void {
  if (length <= mostBytes[type]) return;
  const message =
    type === 'Event'
      ? `${length} byte payload is too large for the Event invocation type (limit ${mostBytes.Event} bytes)`
      : `Request must be smaller than ${mostBytes.RequestResponse} bytes for the InvokeFunction operation`;
  throw lambdaRefusal('RequestEntityTooLargeException', message, 413);
}

/** @throws {AwsRefusal} InvalidRequestContentException */
function readPayload(payload: Buffer): unknown {
  if (payload.length === 0) return {};
  try {
    return JSON.parse(payload.toString('utf8'));
  } catch (cause) {
    throw lambdaRefusal('InvalidRequestContentException', `Could not parse request body into json: ${cause}`, 400);
  }
}

const invoke: Operation<InvokeInput> = {
  service: 'lambda',
  name: 'Invoke',
  mutates: true,
  route: {
    method: 'POST',
    path: '/2015-03-31/functions/{FunctionName}/invocations',
    headers: { 'x-amz-invocation-type': 'InvocationType', 'x-amz-log-type': 'LogType' },
    payload: 'Payload',
  },
  access: ({ input, state }) => [
    { action: 'lambda:InvokeFunction', resource: functionArn(state, functionName(input.FunctionName)) },
  ],
  async run({ input, state }) {
    const fn = findFunction(state, input.FunctionName);
    const type = input.InvocationType ?? 'RequestResponse';
    // Of a dry run only the permission and the function matter.
    if (type === 'DryRun') return new RestAnswer(204);
    if (type !== 'RequestResponse' && type !== 'Event') {
      throw validation('invocationType', type, 'satisfy enum value set: [Event, RequestResponse, DryRun]');
    }
    checkSize(input.Payload, type);
    const { payload, functionError, logTail } = await state.invoke(fn, readPayload(input.Payload), type);
    if (type === 'Event') return new RestAnswer(202);
    const log = Buffer.from(logTail).toString('base64');
    const headers = {
      'x-amz-executed-version': '$LATEST',
      ...(functionError !== undefined && { 'x-amz-function-error': functionError }),
      ...(input.LogType === 'Tail' && { 'x-amz-log-result': log }),
    };
    return new RestAnswer(200, headers, payload);
  },
};

export const invokeOperations: Operation[] = [invoke];
