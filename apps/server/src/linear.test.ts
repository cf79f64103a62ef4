// Every parser of the server takes steps in proportion to what it is given: texts of each short piece, repeated, counted at
// a half and at the whole. What regular expressions take is proved by scripts/regexps.mjs.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { cleanName } from '@parley/door-api'
import { StepCounter } from '../test/steps.ts'
import { cleanFileName, cleanHtml, cleanMediaType, cleanText, foldText, readEmoji, textOfHtml } from './chat/text.ts'
import { readCookie } from './common/cookies.ts'
import { readFields } from './common/form-fields.ts'
import { parseInstant } from './common/instant.ts'
import { preferred } from './common/language.ts'
import { senderOf } from './common/network.ts'
import { parseStrictJson } from './common/strict-json.ts'
import { csv } from './console/csv.ts'
import { numberOf } from './dialin/caller.ts'
import { speakableName } from './dialin/speech/spoken-text.ts'
import { parseFilter } from './graph/odata/filter.ts'
import { parseResourcePath } from './graph/odata/path.ts'
import { parsePrefer } from './graph/odata/prefer.ts'
import { parseQueryOptions } from './graph/odata/query-options.ts'
import { readJoinLink } from './graph/online-meetings/join-link.ts'
import { decodeMeetingId } from './graph/online-meetings/meeting-id.ts'
import { parseResource } from './graph/subscriptions/resource.ts'
import { readScopes } from './identity/oidc/scopes.ts'
import { checkNotRepeated } from './identity/token-service.ts'
import { safeReturn } from './pages/safe-return.ts'
import { parseAddress } from './subscriptions/address.ts'

/** Characters of the longest text. Headers may have 16,384 and bodies more; a law of growth shows before that. */
const longest = 3_000

/** What stands before the repeated pieces, and after them. */
type Parser = [name: string, parse: (text: string) => unknown, before?: string, after?: string]

const path = (text: string) => parseResourcePath(text).parameters()
const parsers: Parser[] = [
  ['path', path],
  ['parameters of a function in a path', path, 'communications/onlineMeetings/getAllTranscripts(a=', '()'],
  ['key in a path', path, "users('", "')/onlineMeetings"],
  ['$filter', parseFilter, '', 'eq 1'],
  ['query', parseQueryOptions, '$filter=', ''],
  ['Prefer', parsePrefer],
  ['JSON', (text) => parseStrictJson(Buffer.from(text)), '[', ']'],
  [
    'JSON with members',
    (text) =>
      parseStrictJson(
        Buffer.from(
          `{${text
            .split('')
            .map((_, index) => `"${index}":1`)
            .join(',')}}`,
        ),
      ),
  ],
  ['join link', readJoinLink, 'https://x.example/', 'x'],
  ['meeting id', decodeMeetingId],
  ['watched resource', parseResource, 'communications/onlineMeetings/?$filter=JoinWebUrl eq ', ''],
  ['scopes', (text) => readScopes(text, ['https://x.example'])],
  ['form', readFields],
  ['cookies', (text) => readCookie(text, 'x')],
  ['Accept-Language', preferred],
  ['way back', (text) => safeReturn(text, '/'), '/', ''],
  ['date', parseInstant, '2026-11-27T00:00:00', 'Z'],
  ['address', senderOf],
  ['notification address', parseAddress, 'https://x.example/', ''],
  ['message', cleanText],
  ['HTML', cleanHtml],
  ['text of HTML', textOfHtml],
  ['search', foldText],
  ['file name', cleanFileName, 'a', 'b'],
  ['media type', cleanMediaType],
  ['emoji', readEmoji],
  ['name', cleanName, 'a', 'b'],
  ['spoken name', speakableName],
  ['number of a caller', numberOf, '+', ''],
  ['CSV', (text) => csv([[text]])],
]

const pieces = [
  ...[
    ' ',
    '\t',
    '\n',
    '\r\n',
    '/',
    '//',
    '.',
    '. ',
    '-',
    '_',
    '=',
    '==',
    ',',
    ';',
    ':',
    '&',
    '?',
    '#',
    '%',
    '%20',
    '%25',
    '+',
    '@',
    '~',
  ],
  ...[
    "'",
    "''",
    '"',
    '""',
    '\\',
    '\\"',
    '(',
    ')',
    '()',
    '[',
    ']',
    '[]',
    '{',
    '}',
    '<',
    '>',
    '<b>',
    '</b>',
    '<p',
    '<a href=',
    '&amp;',
  ],
  ...[
    'a',
    'a ',
    'a=',
    "a='",
    'a,',
    'a/',
    '0',
    '00',
    '1.',
    'e1',
    'not ',
    'not(',
    ' and a eq 1',
    'q=1,',
    'x;q=',
    'eq',
    '19:',
    '\u0301',
    '\u0301\u0316',
  ],
  ...['\u200d', '\u202e', '\ufeff', '👍', '👩‍', '\u{1f3f4}', '\u{e0061}', '\ud800', 'é', '＝'],
]

const counter = new StepCounter()
before(() => counter.start())
after(() => counter.stop())

for (const [name, parse, start = '', end = ''] of parsers)
  test(`${name}: twice the text, about twice the steps`, async () => {
    for (const piece of pieces) {
      const steps = async (length: number) => {
        const text = start + piece.repeat(Math.ceil(length / piece.length)) + end
        return counter.count(() => parse(text))
      }
      const whole = await steps(longest)
      // A few dozen steps a character are no more than linear.
      if (whole <= 40 * longest) continue
      const half = await steps(longest / 2)
      assert.ok(whole <= 2.5 * half + 2_000, `${JSON.stringify(piece)}: ${half} steps, then ${whole}`)
    }
  })

test('names of a form: twice as many, about twice the steps', async () => {
  const formOf = (length: number) => new URLSearchParams(Array.from({ length }, (_, index) => [String(index), '']))
  const [small, big] = [formOf(500), formOf(1_000)]
  const [half, whole] = [await counter.count(() => checkNotRepeated(small)), await counter.count(() => checkNotRepeated(big))]
  assert.ok(whole <= 2.5 * half + 2_000, `${half} steps, then ${whole}`)
})

test('the counter finds what it is for', async () => {
  const quadratic: [string, (text: string) => unknown][] = [
    [
      'a list searched for each of its elements',
      (text) => text.split('').filter((each, index, all) => all.indexOf(each) === index),
    ],
    [
      'a form asked for each of its names',
      (text) => {
        const form = new URLSearchParams(
          text
            .split('')
            .map((_, index) => `${index}`)
            .join('&'),
        )
        return [...form.keys()].find((key) => form.getAll(key).length > 1)
      },
    ],
    [
      'the rest cut for each character',
      (text) => {
        let rest = text
        while (rest !== '') rest = rest.slice(1)
      },
    ],
  ]
  for (const [name, work] of quadratic) {
    const distinct = (length: number) =>
      Array.from({ length }, (_, index) => String.fromCodePoint(0x4e00 + (index % 20_000))).join('')
    const [half, whole] = [await counter.count(() => work(distinct(1_000))), await counter.count(() => work(distinct(2_000)))]
    assert.ok(whole > 2.5 * half + 2_000, `${name}: ${half} steps, then ${whole}`)
  }
})
