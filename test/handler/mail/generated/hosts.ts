/** The hosts that SES receives mail at. */

/**
 * The regions that SES is offered in, whether it receives mail there yet or not.
 * https://docs.aws.amazon.com/general/latest/gr/ses.html
 */
const REGIONS = [
  ...['us-east-1', 'us-east-2', 'us-west-1', 'us-west-2', 'us-gov-east-1', 'us-gov-west-1'],
  ...['ca-central-1', 'ca-west-1', 'mx-central-1', 'sa-east-1', 'af-south-1'],
  ...['eu-central-1', 'eu-central-2', 'eu-north-1', 'eu-south-1', 'eu-south-2', 'eu-west-1', 'eu-west-2', 'eu-west-3'],
  ...['il-central-1', 'me-central-1', 'me-south-1', 'ap-east-1', 'ap-south-1', 'ap-south-2'],
  ...['ap-northeast-1', 'ap-northeast-2', 'ap-northeast-3'],
  ...['ap-southeast-1', 'ap-southeast-2', 'ap-southeast-3', 'ap-southeast-4', 'ap-southeast-5'],
];

/** Theirs, with those that AWS's endpoint rules would make for dual-stack and for China, and two of Mail Manager's. */
export const INBOUND_HOSTS = [
  ...REGIONS.flatMap((region) => [`inbound-smtp.${region}.amazonaws.com`, `inbound-smtp.${region}.api.aws`]),
  'inbound-smtp.cn-north-1.amazonaws.com.cn',
  'inbound-smtp.cn-northwest-1.api.amazonwebservices.com.cn',
  'open.mail-manager-smtp.us-east-1.amazonaws.com',
  'abc123.def.mail-manager-smtp.amazonaws.com',
];
