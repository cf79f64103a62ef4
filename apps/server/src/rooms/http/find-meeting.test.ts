import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TestTenant } from '../../../test/test-tenant.ts'
import { newJoinPasscode } from '../../meetings/ids.ts'
import { CodeTries } from './code-tries.ts'
import { findMeeting } from './find-meeting.ts'

test('a passcode opens as it was copied, and as a telephone that begins with a capital types it', async (t) => {
  const tenant = await TestTenant.open()
  t.after(() => tenant.close())
  const { tenantId, organizerId, meetingStore } = tenant
  const joinPasscode = `a${newJoinPasscode().slice(1)}`
  const meeting = await tenant.meetings.create({ tenantId, organizerId, meetingType: 'recurring', joinPasscode })
  const options = { meetingStore, tries: new CodeTries(() => tenant.clock.millis()), onGuess: () => {} }
  const finder = { address: '192.0.2.1', knownAs: async () => undefined, signal: new AbortController().signal }
  const enter = (passcode: string) => findMeeting({ code: { meetingId: meeting.joinCode, passcode } }, finder, options)
  for (const typed of [joinPasscode, ` A${joinPasscode.slice(1)} `, joinPasscode.toUpperCase()])
    assert.equal((await enter(typed)).meeting.id, meeting.id)
  await assert.rejects(enter(`b${joinPasscode.slice(1)}`), { code: 'PasscodeWrong' })
})
