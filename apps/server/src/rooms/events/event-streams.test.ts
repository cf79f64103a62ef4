import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type EventStream, EventStreams } from './event-streams.ts'

function streamOf(admissionId: string): EventStream & { ended: boolean } {
  return {
    ...{ admissionId, meetingId: 'm', origin: '', ended: false },
    send: () => {},
    end() {
      this.ended = true
    },
  }
}

test('an admission has four streams; the oldest ends for the next', () => {
  const streams = new EventStreams()
  const other = streamOf('b')
  streams.add(other)
  const own = Array.from({ length: 6 }, () => streamOf('a'))
  const stops = own.map((stream) => streams.add(stream))
  assert.deepEqual(
    own.map(({ ended }) => ended),
    [true, true, false, false, false, false],
  )
  assert.equal(other.ended, false)
  assert.equal(streams.ofMeeting('m').length, 5)
  // Those that ended close later, which must not take a place from anybody.
  for (const stop of stops.slice(0, 2)) stop()
  streams.add(streamOf('a'))
  assert.equal(own[2]!.ended, true)
  assert.equal(streams.ofAdmission('a').length, 4)
})
