import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkRegexps, expressionsOf, slowness } from './regexps.mjs'

/** Expressions that stood in this repository and let one request stand the server still. */
const formerly: [pattern: string, flags: string][] = [
  [String.raw`\s*([A-Za-z_]\w*)\s*=\s*(?:'((?:[^']|'')*)'|([^',()]+?))\s*(?:,|$)`, 'y'],
  [String.raw`^SIP\s*\/\s*2\.0\s*\/\s*([\w.!%*+]+)\s+([\w.-]+)\s*(?::\s*(\d{1,5}))?\s*(?:;(.*))?$`, 'is'],
  ['[. ]+$', ''],
  [String.raw`\/+$`, ''],
  [',(?=[^>]*<)', ''],
  [String.raw`^[\s\u200c\u200d]+|[\s\u200c\u200d]+$`, 'gu'],
  [String.raw`^\s*Signal\s*=\s*(\S+)`, 'im'],
]

const others: [pattern: string, flags: string][] = [
  ['^(a+)+$', ''],
  ['^(a|a)*b', ''],
  [String.raw`^\d+\d+$`, ''],
  [String.raw`^(?:\w|\d)*x`, ''],
  ['^(?:a+b|a+c)*d', ''],
  ['<[^>]*>', 'g'],
  [String.raw`^(?:\w+\s?)*$`, ''],
]

for (const [pattern, flags] of [...formerly, ...others])
  test(`finds /${pattern}/${flags}`, () => assert.notEqual(slowness(pattern, flags), undefined))

for (const [pattern, flags] of [
  [String.raw`^[\x21-\x7e]{1,128}$`, ''],
  [String.raw`\s+`, 'g'],
  ["^'((?:[^']|'')*)'$", ''],
  [String.raw`^\p{RGI_Emoji}$`, 'v'],
] as const)
  test(`lets /${pattern}/${flags} pass`, () => assert.equal(slowness(pattern, flags), undefined))

test('finds literals and expressions made at run time, in TypeScript and in TSX', () => {
  const text = "const a: RegExp = /x+$/u\nconst b = <p title={String(/y/)}>{new RegExp('z' + a)}</p>\nt.normalize()"
  assert.deepEqual(expressionsOf('a.tsx', text), [
    { line: 1, pattern: 'x+$', flags: 'u' },
    { line: 2, pattern: 'y', flags: '' },
    { line: 2, built: "new RegExp('z' + a)" },
    { line: 3, built: 't.normalize()' },
  ])
})

test('every expression of the repository is linear, or has its bound written down', () => assert.deepEqual(checkRegexps(), []))
