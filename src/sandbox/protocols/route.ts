/**
 * Finds a REST service's operation by method and path.
 */
import { AwsRefusal, type Operation, type Route } from '../operation.js';
import type { WireRequest } from './wire.js';

/** Made once for each route: every request is held against all of its service's. */
const patterns = new Map<Route, RegExp>();

function patternOf(route: Route): RegExp {
  const pattern = patterns.get(route) ?? makePattern(route);
  patterns.set(route, pattern);
  return pattern;
}

function makePattern(route: Route): RegExp {
  const source = route.path
    .replace(/\/$/, '')
    .replace(/[.-]/g, '\\$&')
    .replace(/\{(\w+)\+\}/g, '(?<$1>.+)')
    .replace(/\{(\w+)\}/g, '(?<$1>[^/]+)');
  return new RegExp(`^${source}/?$`);
}

export interface RoutedOperation {
  operation: Operation;
  route: Route;
  /** The path's placeholders, decoded. */
  path: Record<string, string>;
}

/** @throws {AwsRefusal} InvalidURI for what is not percent-encoded UTF-8 */
export function decodedUri(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new AwsRefusal('InvalidURI', "Couldn't parse the specified URI.", 400, { URI: text });
  }
}

/** The operations whose method and path fit a request. @throws {AwsRefusal} InvalidURI */
export function routed(request: WireRequest, operations: Operation[]): RoutedOperation[] {
  return operations.flatMap((operation) => {
    const { route } = operation;
    if (route?.method !== request.method) return [];
    const match = patternOf(route).exec(request.path);
    if (!match) return [];
    const placeholders = Object.entries(match.groups ?? {});
    const path = Object.fromEntries(placeholders.map(([name, value]) => [name, decodedUri(value)]));
    return [{ operation, route, path }];
  });
}
