import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { AddTrackRequest, TrackSource, TrackType } from '@livekit/protocol'
import { offerOf } from '../../test/harness/offers.ts'
import { RoomsUnderTest } from '../../test/harness/rooms.ts'

let rooms: RoomsUnderTest
before(async () => {
  rooms = await RoomsUnderTest.start()
})
after(() => rooms.stop())

const turn = () => new Promise<void>((resolve) => setImmediate(() => setImmediate(resolve)))
const add = (session: string, cid: string, isAudio = false) =>
  rooms.send(session, {
    case: 'addTrack',
    value: new AddTrackRequest({
      cid,
      type: isAudio ? TrackType.AUDIO : TrackType.VIDEO,
      source: isAudio ? TrackSource.MICROPHONE : TrackSource.CAMERA,
    }),
  })
const tracksOf = (listener: string, identity: string): string[] =>
  rooms
    .people(listener)
    .get(identity)!
    .tracks.map(({ mid }) => mid)
const lastAnswer = (session: string): string => rooms.only(session, 'answer').at(-1)!.sdp
const mLines = (sdp: string): string[] => [...sdp.matchAll(/^m=\w+ \d/gm)].map(([line]) => line)

test('what is published on sections with port 0 and bundle-only is taken, and answered with a port', () => {
  const listener = rooms.join('firefox', 'listener')
  const eve = rooms.join('firefox', 'eve')
  add(eve, 'microphone', true)
  add(eve, 'camera')
  rooms.offer(
    eve,
    offerOf([
      { mid: '0', track: 'microphone' },
      { kind: 'video', mid: '1', track: 'camera', port: 0, more: ['a=bundle-only'] },
    ]),
  )
  assert.deepEqual(tracksOf(listener, 'eve').sort(), ['0', '1'])
  assert.deepEqual(mLines(lastAnswer(eve)), ['m=audio 9', 'm=video 9'])
  assert.match(lastAnswer(eve), /^a=group:BUNDLE 0 1\r$/m)
  assert.doesNotMatch(lastAnswer(eve), /bundle-only/)
})

test('the answer bundles what the offer bundles', () => {
  const eve = rooms.join('subset', 'eve')
  add(eve, 'microphone', true)
  add(eve, 'camera')
  const sections = [
    { mid: '0', track: 'microphone' },
    { kind: 'video' as const, mid: '1', track: 'camera' },
  ]
  rooms.offer(eve, offerOf(sections, [], ['1']))
  assert.deepEqual(mLines(lastAnswer(eve)), ['m=audio 0', 'm=video 9'])
  assert.match(lastAnswer(eve), /^a=group:BUNDLE 1\r$/m)
  const alone = rooms.join('subset', 'alone')
  add(alone, 'microphone', true)
  rooms.offer(alone, offerOf(sections, [], []))
  assert.deepEqual(mLines(lastAnswer(alone)), ['m=audio 9', 'm=video 0'])
  assert.doesNotMatch(lastAnswer(alone), /BUNDLE/)
})

test('a section stopped ends its track, and serves another kind under a new mid', () => {
  const listener = rooms.join('recycled', 'listener')
  const eve = rooms.join('recycled', 'eve')
  add(eve, 'first')
  rooms.offer(eve, offerOf([{ kind: 'video', mid: '0', track: 'first' }]))
  assert.deepEqual(tracksOf(listener, 'eve'), ['0'])
  const stopped = { kind: 'video' as const, mid: '0', direction: 'inactive' as const, port: 0 }
  rooms.offer(eve, offerOf([stopped], [], []))
  assert.deepEqual(tracksOf(listener, 'eve'), [])
  add(eve, 'second', true)
  rooms.offer(eve, offerOf([{ mid: '1', track: 'second' }]))
  assert.deepEqual(tracksOf(listener, 'eve'), ['1'])
  add(eve, 'third')
  rooms.offer(eve, offerOf([{ kind: 'video', mid: '2', track: 'third' }]))
  assert.deepEqual(tracksOf(listener, 'eve'), ['2'], 'also when the stop itself was never offered')
})

test('a section a client receives on and stops gives its track to another', async () => {
  const ana = rooms.join('stopped', 'ana')
  add(ana, 'camera')
  rooms.offer(ana, offerOf([{ kind: 'video', mid: '0', track: 'camera' }]))
  const { sid } = rooms.only(ana, 'trackPublished')[0]!.track!
  const ben = rooms.join('stopped', 'ben', {}, { singleConnection: true })
  const offer = (mid: string) => rooms.offer(ben, offerOf([{ kind: 'video', mid, direction: 'recvonly' }]))
  offer('0')
  assert.deepEqual(rooms.only(ben, 'answer').at(-1)!.midToTrackId, { '0': sid })
  rooms.offer(ben, offerOf([{ mid: '1', direction: 'recvonly' }]))
  await turn()
  assert.equal(rooms.only(ben, 'mediaSectionsRequirement').at(-1)?.numVideos, 1)
  offer('2')
  assert.deepEqual(rooms.only(ben, 'answer').at(-1)!.midToTrackId, { '2': sid })
})
