/**
 * Where and how the function logs.
 */
import type { FunctionConfiguration, LoggingConfig } from '@aws-sdk/client-lambda';
import type { Names } from '../../scope.js';

/**
 * Plain text to the group that the role may write to: in JSON, or in another group, the lines and their metrics are lost.
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html
 */
export function logging({ logGroupName }: Names) {
  return { LogFormat: 'Text' as const, LogGroup: logGroupName };
}

/** The log settings, field by field. Without a LoggingConfig they are Lambda's defaults. */
export function loggingLines(
  { LoggingConfig }: Pick<FunctionConfiguration, 'LoggingConfig'>,
  names: Names,
): Record<string, string> {
  const { LogFormat, LogGroup, ...levels }: LoggingConfig = { ...logging(names), ...LoggingConfig };
  return {
    'log format': String(LogFormat),
    'log group': String(LogGroup),
    ...(levels.ApplicationLogLevel === undefined ? {} : { 'application log level': levels.ApplicationLogLevel }),
    ...(levels.SystemLogLevel === undefined ? {} : { 'system log level': levels.SystemLogLevel }),
  };
}
