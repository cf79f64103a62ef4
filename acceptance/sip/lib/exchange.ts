import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Participant } from '@livekit/rtc-node'
import { House, type TestMeeting } from '../../door/lib/house.ts'
import { type Person, until } from '../../door/lib/person.ts'
import { Phone, type PhoneOptions } from '../../lib/phone.ts'
import type { StartOptions } from '../../lib/server.ts'
import { toneFile } from '../../lib/sound.ts'

export interface DialableMeeting extends TestMeeting {
  passcode: string
  sip: string
}

/** What the phones of these tests say, in Hz. */
export const phoneTone = 700

/** A server that answers the telephone, and whoever calls. */
export class Exchange {
  readonly house: House
  readonly phones: Phone[] = []

  constructor(house: House) {
    this.house = house
  }

  static async open({ env = {}, ...options }: StartOptions = {}): Promise<Exchange> {
    return new Exchange(await House.open({ ...options, env: { PARLEY_SIP_PORT: '0', ...env } }))
  }

  /** The same server, for a test that goes on beside others. */
  apart(): Exchange {
    return new Exchange(this.house.apart())
  }

  /** A meeting everybody may enter and that asks nobody for a name, with what a caller needs of it. */
  async meeting(members: Record<string, unknown> = {}, attendees?: unknown): Promise<DialableMeeting> {
    const meeting = await this.house.meeting({ accessLevel: 'everyone', entryExitAnnouncement: false, ...members }, attendees)
    const looker = this.house.person()
    const { body } = await looker.ask(meeting.threadId, 'Reads the number')
    const { passcode, sip } = (body.meeting as unknown as { dialin: { passcode: string; sip: string } }).dialin
    await looker.post('/api/door/leave')
    assert.match(sip, /^sip:meet@127\.0\.0\.1:\d+$/)
    return { ...meeting, passcode, sip }
  }

  async phone(options: Partial<PhoneOptions> = {}): Promise<Phone> {
    const phone = await Phone.start({ says: toneFile(phoneTone, 240), ...options })
    this.phones.push(phone)
    return phone
  }

  /** A phone that has called and keyed a meeting's passcode. */
  async call(meeting: DialableMeeting, options: Partial<PhoneOptions> = {}, passcode = meeting.passcode): Promise<Phone> {
    const phone = await this.phone(options)
    await phone.dial(meeting.sip)
    phone.press(`${passcode}#`)
    return phone
  }

  async dismiss(): Promise<void> {
    await Promise.all(this.phones.splice(0).map((phone) => phone.stop()))
    await this.house.dismiss()
  }

  async close(): Promise<void> {
    await this.dismiss()
    await this.house.close()
  }
}

/** Tests that share a server and go on at the same time, each with meetings, people and telephones of its own. */
export function beside(
  title: string,
  settings: StartOptions,
  define: (scene: (name: string, run: (exchange: Exchange) => Promise<void>) => void) => void,
): void {
  describe(title, { concurrency: 4 }, () => {
    let shared: Exchange
    before(async () => {
      shared = await Exchange.open(settings)
    })
    after(() => shared?.close())
    define((name, run) =>
      test(name, { timeout: 300_000 }, async () => {
        const exchange = shared.apart()
        try {
          await run(exchange)
        } finally {
          await exchange.dismiss()
        }
      }))
  })
}

/** The telephones in the media room somebody is in. */
export function phonesSeenBy(person: Person): Participant[] {
  return [...person.room!.remoteParticipants.values()].filter(({ attributes }) => attributes.phone === '1')
}

/** Wait until so many telephones are in the room, each with its sound. */
export async function phonesIn(person: Person, count: number): Promise<Participant[]> {
  return until(`${count} telephones in the room`, async () => {
    const phones = phonesSeenBy(person).filter(({ trackPublications }) => count === 0 || trackPublications.size > 0)
    return phones.length === count && phones
  })
}
