/**
 * A second implementation of AgentKeys' format, written by hand from its description, to compare with. Nothing of src/.
 */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

const sha256 = (...parts: Array<string | Uint8Array>) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

export const omniOf = (wallet: string) => sha256('agentkeys', 'evm', wallet).toString('hex');

export const keyFrom = (signature: Uint8Array) => sha256('agentkeys.kek-derive.v1', signature);

const aad = (version: number, wallet: string, service: string) =>
  ['agentkeys.cred.aad.v', version, '|', version === 1 ? wallet : omniOf(wallet), '|', service].join('');

export function write(version: number, key: Uint8Array, wallet: string, service: string, secret: Uint8Array): Buffer {
  const nonce = randomBytes(12);
  const gcm = createCipheriv('aes-256-gcm', key, nonce);
  gcm.setAAD(Buffer.from(aad(version, wallet, service), 'utf8'));
  const body = [gcm.update(secret), gcm.final()];
  return Buffer.concat([Buffer.from([version]), nonce, ...body, gcm.getAuthTag()]);
}

export function read(object: Uint8Array, key: Uint8Array, wallet: string, service: string): Buffer {
  const bytes = Buffer.from(object);
  const gcm = createDecipheriv('aes-256-gcm', key, bytes.subarray(1, 13));
  gcm.setAAD(Buffer.from(aad(bytes.readUInt8(0), wallet, service), 'utf8'));
  gcm.setAuthTag(bytes.subarray(-16));
  return Buffer.concat([gcm.update(bytes.subarray(13, -16)), gcm.final()]);
}
