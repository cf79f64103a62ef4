import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findSpeechCommand, speak } from './speech-engine.ts'

const node = (program: string): [string, ...string[]] => [process.execPath, '-e', program, '{lang}']
const wav = `const pcm = Buffer.alloc(32000, 1), head = Buffer.from('RIFF0000WAVEfmt 0000000000000000000000', 'latin1')
head.writeUInt32LE(16, 16); head.writeUInt16LE(1, 20); head.writeUInt16LE(1, 22); head.writeUInt32LE(16000, 24); head.writeUInt16LE(16, 34)
const data = Buffer.from('data0000'); data.writeUInt32LE(0x7fffffff, 4)
const sound = Buffer.concat([head.subarray(0, 36), data, pcm])`

test('an engine is given the text on standard input and the language, and nothing of ours', async () => {
  process.env.PARLEY_SPEECH_TEST = 'secret'
  const check = `${wav}
const text = require('node:fs').readFileSync(0, 'utf8')
if (text !== 'Grace joined.\\n' || process.argv[1] !== 'es' || process.env.PARLEY_SPEECH_TEST) process.exit(1)
process.stdout.write(sound)`
  const clip = await speak(node(check), 'Grace joined.', 'es')
  assert.equal(clip.length, 8_000, 'a second, brought to 8 kHz')
})

test('an engine that fails, is not there, says nothing sensible or does not stop is an error', async () => {
  await assert.rejects(speak(node('process.exit(3)'), 'Grace', 'en'), /ended with 3/)
  await assert.rejects(speak(['/nowhere/engine'], 'Grace', 'en'), /ENOENT/)
  await assert.rejects(speak(node("console.log('hello')"), 'Grace', 'en'), /not a WAV/)
  await assert.rejects(
    speak(
      node("process.stdout.on('error', () => {}); setInterval(() => process.stdout.write(Buffer.alloc(1e6)))"),
      'Grace',
      'en',
    ),
    /SIGKILL/,
  )
})

test('espeak-ng says a name', { skip: findSpeechCommand() === null && 'espeak-ng is not installed' }, async () => {
  const command = findSpeechCommand()!
  const [short, long] = await Promise.all([speak(command, 'Ada.', 'en'), speak(command, 'Ada Lovelace ha entrado.', 'es')])
  assert.ok(short.some((sample) => Math.abs(sample) > 2_000))
  assert.ok(long.length > short.length && long.length < 6 * 8_000)
})
