import type { Random } from './random.ts'

/** Pieces that parsers trip over, whatever the protocol. */
const nastyTexts = [
  ...[
    '',
    ' ',
    '\t',
    '\0',
    '%00',
    '%',
    '%%',
    '%2F',
    '..',
    '/../',
    '\\',
    '"',
    "'",
    "''",
    '`',
    '<',
    '<>',
    '<script>',
    '&amp;',
    ';',
    ',',
    ':',
  ],
  ...[
    '(',
    ')',
    '()',
    '((',
    '[',
    ']',
    '{',
    '}',
    '{}',
    '[]',
    '[{',
    '@',
    '@@',
    '=',
    '==',
    '*',
    '?',
    '#',
    '$',
    '$filter=',
    '+',
    '-',
    '--',
  ],
  ...['null', 'true', 'NaN', '-1', '0', '1e309', '99999999999999999999', '0x10', '1.5', '__proto__', 'constructor', 'toString'],
  ...[
    '\r',
    '\n',
    '\r\n',
    '\r\n\r\n',
    '\r\n ',
    '\u2028',
    '\u202e',
    '\ufeff',
    '\ud800',
    '🂡',
    'é',
    'Ⅷ',
    'ß',
    'İ',
    '２０',
    '1970-01-01T00:00:00Z',
  ],
  ...[
    '9999-12-31T23:59:60Z',
    '2026-02-30T00:00Z',
    'a'.repeat(300),
    ' '.repeat(300),
    '('.repeat(200),
    '\\"'.repeat(100),
    "''".repeat(150),
  ],
]

/** A text cut, repeated, swapped and filled with what parsers trip over; at most `longest` characters. */
export function mutateText(random: Random, text: string, longest: number): string {
  let result = text
  for (let turn = random.below(4); turn >= 0; turn--) {
    const at = random.below(result.length + 1)
    const end = Math.min(result.length, at + random.below(24))
    switch (random.below(7)) {
      case 0:
        result = result.slice(0, at) + result.slice(end)
        break
      case 1:
        result = result.slice(0, at) + result.slice(at, end).repeat(1 + random.below(30)) + result.slice(end)
        break
      case 2:
        result = result.slice(0, at) + random.pick(nastyTexts) + result.slice(end)
        break
      case 3:
        result = result.slice(0, at) + random.pick(nastyTexts) + result.slice(at)
        break
      case 4:
        result = result.slice(0, at) + String.fromCharCode(random.below(random.chance(4) ? 0x2fff : 0x80)) + result.slice(at + 1)
        break
      case 5:
        result = result.slice(at) + result.slice(0, at)
        break
      default:
        result = result.slice(0, at) + random.pick(nastyTexts).repeat(1 + random.below(200)) + result.slice(at)
    }
    result = result.slice(0, longest)
  }
  return result
}

/** Bytes cut, repeated, filled and flipped; at most `longest`. */
export function mutateBytes(random: Random, message: Uint8Array, longest: number): Buffer {
  let bytes = Buffer.from(message)
  for (let turn = random.below(5); turn >= 0; turn--) {
    const at = random.below(bytes.length + 1)
    const end = Math.min(bytes.length, at + random.below(40))
    switch (random.below(6)) {
      case 0:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(end)])
        break
      case 1:
        bytes = Buffer.concat([
          bytes.subarray(0, at),
          ...Array.from({ length: 1 + random.below(20) }, () => bytes.subarray(at, end)),
          bytes.subarray(end),
        ])
        break
      case 2:
        bytes = Buffer.concat([bytes.subarray(0, at), Buffer.alloc(random.below(400), random.below(256)), bytes.subarray(at)])
        break
      case 3:
        if (at < bytes.length) bytes[at] = random.below(256)
        break
      case 4:
        if (at < bytes.length) bytes[at]! ^= 1 << random.below(8)
        break
      default:
        bytes = Buffer.concat([bytes.subarray(0, at), random.bytes(random.below(32)), bytes.subarray(end)])
    }
    bytes = bytes.subarray(0, longest)
  }
  return bytes
}

/** A JSON value with a member changed, dropped, doubled, deepened or replaced by another kind of value. */
export function mutateJson(random: Random, value: unknown): unknown {
  if (random.chance(6)) return oddValue(random)
  if (Array.isArray(value)) {
    if (random.chance(4)) return Array.from({ length: random.below(50) }, () => value[0] ?? oddValue(random))
    return value.map((each) => (random.chance(Math.max(1, value.length)) ? mutateJson(random, each) : each))
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value)
    if (random.chance(5))
      entries.push([random.pick([...nastyTexts, ...entries.map(([key]) => key.toUpperCase())]), oddValue(random)])
    if (random.chance(8)) entries.splice(random.below(entries.length + 1), 1)
    const chosen = random.below(entries.length || 1)
    return Object.fromEntries(entries.map(([key, each], index) => [key, index === chosen ? mutateJson(random, each) : each]))
  }
  return typeof value === 'string' && !random.chance(3) ? mutateText(random, value, 3_000) : oddValue(random)
}

function oddValue(random: Random): unknown {
  switch (random.below(8)) {
    case 0:
      return null
    case 1:
      return random.below(2 ** 31) - 2 ** 30
    case 2:
      return random.chance(2)
    case 3:
      return []
    case 4:
      return {}
    case 5:
      return Array.from({ length: random.below(40) }, () => random.pick(nastyTexts))
    case 6: {
      let deep: unknown = 'x'
      for (let depth = random.below(80); depth > 0; depth--) deep = random.chance(2) ? [deep] : { a: deep }
      return deep
    }
    default:
      return random.pick(nastyTexts)
  }
}
