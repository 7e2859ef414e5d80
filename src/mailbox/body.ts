/**
 * The body of a GetObject answer, as the SDK and plain test doubles give it.
 */

/** What the SDK adds to a stream (`SdkStream`), and what a test double may have instead of a stream. */
interface Transformable {
  transformToByteArray?(): Promise<Uint8Array>;
  transformToString?(): Promise<string>;
}

type Piece = Uint8Array | string;

/**
 * Reads a body.
 *
 * @param body a Node.js or web stream; text, bytes; an object with the SDK's `transformTo…` methods; nothing.
 * @param most how many bytes are kept.
 * @returns no bytes when there is no body.
 */
export async function readBody(body: unknown, most: number): Promise<Uint8Array> {
  return Buffer.concat(await piecesOf(body, most)).subarray(0, most);
}

async function piecesOf(body: unknown, most: number): Promise<Uint8Array[]> {
  if (typeof body === 'string' || body instanceof Uint8Array) return [Buffer.from(body)];
  if (typeof body !== 'object' || body === null) return [];
  if (Symbol.asyncIterator in body) return streamed(body as AsyncIterable<Piece>, most);
  const { transformToByteArray, transformToString } = body as Transformable;
  if (transformToByteArray !== undefined) return [await transformToByteArray.call(body)];
  return transformToString === undefined ? [] : [Buffer.from(await transformToString.call(body))];
}

/** Leaving the loop early closes the stream: the rest is not received. */
async function streamed(stream: AsyncIterable<Piece>, most: number): Promise<Uint8Array[]> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of stream) {
    const bytes = Buffer.from(piece);
    pieces.push(bytes);
    length += bytes.length;
    if (length > most) break;
  }
  return pieces;
}
