import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  cleanFileName,
  cleanHtml,
  cleanLine,
  cleanMediaType,
  cleanText,
  foldText,
  isBlank,
  readEmoji,
  textOfHtml,
} from './text.ts'

test('text keeps what people write and loses what deceives', () => {
  assert.equal(cleanText('  Olá\r\nmundo\t👩‍👩‍👧 \u200fשלום  '), 'Olá\nmundo\t👩‍👩‍👧 \u200fשלום')
  assert.equal(cleanText('pay \u202egpj.exe\u202c \u2066x\u2069'), 'pay gpj.exe x')
  assert.equal(cleanText('a\u0000b\u0007c\u001bd\u0085'), 'abcd')
  assert.equal(cleanText('🏴󠁧󠁢󠁥󠁮󠁧󠁿 x\u{e0041}\u{e0042}'), '🏴󠁧󠁢󠁥󠁮󠁧󠁿 x')
  assert.equal(cleanText('\ud800'), '\ufffd')
  assert.equal(cleanText(`z${'\u0336'.repeat(500)}`).length, 9)
})

test('what cannot be seen is blank', () => {
  for (const text of ['', ' \n', '\u200b\u2060', '\u3164', '\u2800\ufe0f', '\u{e0061}'])
    assert.equal(isBlank(text), true, escape(text))
  for (const text of ['.', '👍', 'ø']) assert.equal(isBlank(text), false, text)
})

test('any text becomes safe, and safe text stays as it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
      const once = cleanText(text)
      assert.equal(cleanText(once), once)
      assert.equal(once.isWellFormed(), true)
      assert.doesNotMatch(once, /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/)
      assert.doesNotMatch(cleanLine(text), /\n/)
    }),
    { numRuns: 1000 },
  )
})

test('names of files are one harmless segment', () => {
  assert.equal(cleanFileName('..\\..\\etc/passwd'), 'passwd')
  assert.equal(cleanFileName('informe\u202etxt.exe'), 'informetxt.exe')
  assert.equal(cleanFileName('.htaccess'), 'htaccess')
  assert.equal(cleanFileName('...'), 'file')
  assert.equal(cleanFileName('a"b\r\nSet-Cookie: x.txt'), 'a_b Set-Cookie_ x.txt')
  assert.equal(cleanFileName(`${'x'.repeat(500)}.tar.gz`).length, 200)
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (name) => {
      const clean = cleanFileName(name)
      assert.ok(clean.length >= 1 && clean.length <= 200)
      assert.doesNotMatch(clean, /[/\\\r\n"\u0000]|^\.|[. ]$/)
      assert.equal(clean.isWellFormed(), true)
    }),
  )
})

test('media types are plain or nothing', () => {
  assert.equal(cleanMediaType('Image/PNG; q=1'), 'image/png')
  for (const type of [undefined, '', 'text', 'text/html\r\nX: y', '../x'])
    assert.equal(cleanMediaType(type), 'application/octet-stream')
})

test('one emoji is one, whatever it is made of', () => {
  for (const emoji of ['👍', '👍🏽', '👩‍👩‍👧', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', '🇪🇸', '1️⃣']) assert.equal(readEmoji(emoji), emoji)
  assert.equal(readEmoji('❤'), '❤️')
  for (const text of ['', 'a', '👍👍', '👍a', '1', '<b>']) assert.equal(readEmoji(text), undefined, text)
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void readEmoji(text)))
})

test('searching looks past case, accents and width', () => {
  assert.equal(foldText('ÁRBOL Ｆｕｌｌ ﬁn'), 'arbol full fin')
})

test('HTML keeps words and links, never what runs', () => {
  assert.equal(
    cleanHtml('<p onclick="x()">Hi <b>all</b><script>alert(1)</script><a href="javascript:x">j</a><img src=x onerror=y></p>'),
    '<p>Hi <b>all</b><a>j</a></p>',
  )
  assert.equal(
    cleanHtml('<a href="https://example.org/?a=1&amp;b=2" style="x">link</a>'),
    '<a href="https://example.org/?a=1&amp;b=2">link</a>',
  )
  assert.equal(textOfHtml('<p>One</p><p>Two &lt;3 &amp;amp; &eacute;<br>three</p>'), 'One\nTwo <3 &amp; é\nthree')
  assert.equal(textOfHtml('<style>p{}</style><at id="0">Inés</at>, ¿vienes?'), 'Inés, ¿vienes?')
})

test('no HTML breaks the reader or leaves a tag that runs', () => {
  const bits = fc.constantFrom(
    '<',
    '>',
    '"',
    "'",
    '&',
    '/',
    'script',
    'svg',
    'img',
    ' onload=',
    'src=',
    'x',
    '<!--',
    '-->',
    '<p>',
    '&#x3c;',
  )
  fc.assert(
    fc.property(fc.array(bits, { maxLength: 30 }), (parts) => {
      const html = cleanHtml(parts.join(''))
      assert.doesNotMatch(html, /<(script|svg|img|style|iframe)/i)
      assert.doesNotMatch(html, /<[^>]*\son\w+\s*=/i)
      textOfHtml(html)
    }),
    { numRuns: 1000 },
  )
})
