import assert from 'node:assert/strict'
import { test } from 'node:test'
import { JoinResponse, ParticipantInfo, ParticipantInfo_State, TrackInfo, TrackType } from '@livekit/protocol'
import { Roster } from './roster.ts'

const person = (sid: string, sounds: string[], state = ParticipantInfo_State.ACTIVE) =>
  new ParticipantInfo({
    sid,
    identity: `${sid}-name`,
    state,
    tracks: [...sounds.map((track) => new TrackInfo({ sid: track })), new TrackInfo({ sid: 'TR_v', type: TrackType.VIDEO })],
  })

test('who was there is known, who comes and goes is told once, and of tracks only sound', () => {
  const told: string[] = []
  const roster = new Roster({
    joined: (identity) => told.push(`+${identity}`),
    left: (identity) => told.push(`-${identity}`),
    published: (sid, identity) => told.push(`${sid} of ${identity}`),
  })
  roster.begin(new JoinResponse({ participant: person('me', []), otherParticipants: [person('a', ['TR_1'])] }))
  roster.update([person('me', ['TR_0']), person('a', ['TR_1']), person('b', [])])
  roster.update([person('b', ['TR_2']), person('b', ['TR_2'])])
  assert.deepEqual(roster.tracks, [
    { sid: 'TR_1', identity: 'a-name' },
    { sid: 'TR_2', identity: 'b-name' },
  ])
  const gone = person('a', [], ParticipantInfo_State.DISCONNECTED)
  roster.update([gone, gone])
  assert.deepEqual(told, ['TR_1 of a-name', '+b-name', 'TR_2 of b-name', '-a-name'])
  assert.equal(roster.tracks.length, 1)
})
