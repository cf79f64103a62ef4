import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Speaker } from './speaker.ts'

const clip = new Int16Array(80)

function speaker(speakWith: (text: string) => Promise<Int16Array>) {
  const warned: string[] = []
  const log = { warn: (_: object, message: string) => void warned.push(message) }
  return { warned, speaker: new Speaker(['engine'], log, (_, text) => speakWith(text)) }
}

test('a sentence is spoken once and kept; without an engine, or without a name, there is none', async () => {
  const asked: string[] = []
  const { speaker: able } = speaker(async (text) => {
    asked.push(text)
    return clip
  })
  assert.deepEqual(await Promise.all([able.say('entry', 'Ada', 'en'), able.say('entry', 'Ada', 'en')]), [clip, clip])
  await able.say('exit', 'Ada', 'en')
  assert.equal(await able.say('entry', '***', 'en'), undefined)
  assert.deepEqual(asked, ['Ada joined.', 'Ada left.'])
  assert.equal(await new Speaker(null, { warn: () => {} }).say('entry', 'Ada', 'en'), undefined)
})

test('an engine that fails is told of once, without a name, and asked again', async () => {
  let asked = 0
  const { speaker: unable, warned } = speaker(async () => {
    asked += 1
    throw new Error('broken')
  })
  for (let turn = 0; turn < 3; turn++) assert.equal(await unable.say('entry', 'Ada', 'en'), undefined)
  assert.equal(asked, 3)
  assert.deepEqual(warned, ['names are not spoken: the engine of speech failed'])
})

test('two are spoken at once, a few wait, and the rest of a crowd is a tone', async () => {
  let [busy, most] = [0, 0]
  const { speaker: slow } = speaker(async () => {
    most = Math.max(most, ++busy)
    await new Promise((resolve) => setImmediate(resolve))
    busy -= 1
    return clip
  })
  const said = await Promise.all(Array.from({ length: 50 }, (_, index) => slow.say('entry', `Person ${index}`, 'en')))
  assert.equal(most, 2)
  assert.equal(said.filter((one) => one !== undefined).length, 10)
})
