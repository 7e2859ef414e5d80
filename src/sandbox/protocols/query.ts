/**
 * The query protocol of STS, IAM and SES: a form in, XML out. https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
 * Every value of an input is a string; operations convert what they need. An empty list is an empty string.
 */
import type { AwsRefusal, Operation } from '../operation.js';
import type { Decoded, Protocol, WireAnswer, WireRequest } from './wire.js';
import { xmlDocument } from './xml.js';

const namespaces: Record<string, string> = {
  iam: 'https://iam.amazonaws.com/doc/2010-05-08/',
  sts: 'https://sts.amazonaws.com/doc/2011-06-15/',
  ses: 'http://ses.amazonaws.com/doc/2010-12-01/',
};

interface Tree {
  [name: string]: string | Tree;
}

/** `Tags.member.1.Key` lies at Tags → member → 1 → Key. */
function grow(tree: Tree, [name = '', ...rest]: string[], value: string): void {
  if (rest.length === 0) {
    tree[name] = value;
    return;
  }
  const inner = tree[name];
  const branch = typeof inner === 'object' ? inner : {};
  tree[name] = branch;
  grow(branch, rest, value);
}

/** Turns `{ member: { 1: a, 2: b } }` into `[a, b]`, all the way down. */
function lists(value: string | Tree): unknown {
  if (typeof value === 'string') return value;
  const { member } = value;
  // Integer keys are iterated in ascending order, so the list is ordered by its numbers.
  if (typeof member === 'object') return Object.values(member).map(lists);
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, lists(inner)]));
}

/** A list in an input of the query protocol, where an empty list is an empty string. */
export function queryList<T>(list: T[] | string | undefined): T[] {
  return Array.isArray(list) ? list : [];
}

export const query: Protocol = {
  decode(request: WireRequest, operations: Operation[]): Decoded {
    const tree: Tree = {};
    for (const [name, value] of new URLSearchParams(request.body.toString('utf8'))) grow(tree, name.split('.'), value);
    const { Action, Version: _version, ...input } = tree;
    const name = String(Action);
    return { name, operation: operations.find((operation) => operation.name === name), input: lists(input) };
  },

  encode(operation: Operation, output: unknown, request: WireRequest): WireAnswer {
    const body = xmlDocument(
      `${operation.name}Response xmlns="${namespaces[operation.service]}"`,
      { [`${operation.name}Result`]: output, ResponseMetadata: { RequestId: request.id } },
      'member',
    );
    return { status: 200, headers: { 'content-type': 'text/xml', 'x-amzn-requestid': request.id }, body };
  },

  refuse(refusal: AwsRefusal, request: WireRequest): WireAnswer {
    const Type = refusal.status < 500 ? 'Sender' : 'Receiver';
    const error = { Type, Code: refusal.code, Message: refusal.message, ...refusal.fields };
    const body = xmlDocument('ErrorResponse', { Error: error, RequestId: request.id }, 'member');
    return { status: refusal.status, headers: { 'content-type': 'text/xml', 'x-amzn-requestid': request.id }, body };
  },
};
