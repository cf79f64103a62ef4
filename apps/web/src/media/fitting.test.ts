import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isFitting } from './fitting.ts'

test('sound is played from a microphone or a shared screen, pictures are shown from a camera or a screen', () => {
  const fitting = ['camera', 'microphone', 'screen_share', 'screen_share_audio', 'unknown', 'constructor'].flatMap((source) =>
    ['audio', 'video'].filter((kind) => isFitting({ source, kind })).map((kind) => `${source} ${kind}`),
  )
  assert.deepEqual(fitting, ['camera video', 'microphone audio', 'screen_share video', 'screen_share_audio audio'])
})
