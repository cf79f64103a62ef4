import { randomBytes } from 'node:crypto'

const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'

/** An id as LiveKit writes them: `PA_`, `TR_`, `RM_`, `EV_` and twelve characters. */
export function newId(prefix: 'PA' | 'TR' | 'RM' | 'EV'): string {
  let id = `${prefix}_`
  for (const byte of randomBytes(12)) id += ALPHABET[byte % ALPHABET.length]
  return id
}
