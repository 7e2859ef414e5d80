/**
 * Checks requests against botocore's models of AWS's APIs, where python3 and botocore are installed.
 */
import { spawnSync } from 'node:child_process';

export interface ModelledRequest {
  /** botocore's name of the service: `accessanalyzer`. */
  service: string;
  operation: string;
  input: unknown;
}

const script = `
import json, sys
import botocore.session, botocore.validate
session = botocore.session.get_session()
validator = botocore.validate.ParamValidator()
faults = []
for request in json.load(sys.stdin):
    model = session.get_service_model(request['service']).operation_model(request['operation'])
    report = validator.validate(request['input'], model.input_shape)
    shape = model.input_shape.members
    for name, member in shape.items():
        values = getattr(member, 'enum', None)
        value = request['input'].get(name)
        if values and value is not None and value not in values:
            faults.append(f"{request['operation']}: {name} is {value}, not one of {values}")
    if report.has_errors():
        faults.append(request['operation'] + ': ' + report.generate_report())
print(json.dumps(faults))
`;

/** @returns what is wrong with the requests; a text when botocore is not installed, to skip a test with. */
export function faultsByBotocore(requests: ModelledRequest[]): string[] | string {
  const { status, stdout, stderr, error } = spawnSync('python3', ['-c', script], {
    input: JSON.stringify(requests),
    encoding: 'utf8',
  });
  if (error !== undefined || status !== 0)
    return `no botocore: ${error?.message ?? stderr.trim().split('\n').at(-1)}. To have it: pip install botocore`;
  return JSON.parse(stdout);
}
