import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { LivekitLeg } from '../../../packages/sip/src/bridge/livekit-leg.ts'
import { DoorVisitor } from '../door/visitor.ts'
import { type Running, residentMiB, startParley, temporaryFolder } from '../lib/process.ts'
import { family, processorSeconds } from '../media/process-clock.ts'

/** Where calls come from that Parley takes; everything else is a stranger. */
const known = '127.0.0.1'

/** Samples a second of who is no telephone: wide-band, and so carried by Opus, as browsers are. */
export const participantRate = 16_000

export interface Meeting {
  passcode: string
  /** Somebody in the room who is no telephone, of this process: hears and speaks through the media server. */
  participant: LivekitLeg
}

/** Processor time since start, in seconds: of the process that answers calls, and of the media server it started. */
export interface Usage {
  server: number
  media: number
}

/** Parley itself, with its telephone side on and a trunk from one address. */
export class House {
  readonly #parley: Running
  readonly #headers: Record<string, string>
  readonly #organizer: unknown
  sipPort = 0

  private constructor(parley: Running, token: string, organizer: string) {
    this.#parley = parley
    this.#headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    this.#organizer = { identity: { user: { id: organizer } } }
  }

  static async open(): Promise<House> {
    const folder = temporaryFolder()
    const trunks = [{ kind: 'address', name: 'bench', addresses: [known] }]
    const parley = await startParley(folder, {
      PARLEY_SIP_PORT: '0',
      PARLEY_SIP_TRUNKS: JSON.stringify(trunks),
      PARLEY_LOG_LEVEL: 'error',
    })
    const dev = JSON.parse(readFileSync(join(folder, 'dev.json'), 'utf8')) as Record<string, string> & { users: { id: string }[] }
    const credentials = { grant_type: 'client_credentials', client_id: dev.clientId!, client_secret: dev.clientSecret! }
    const body = new URLSearchParams({ ...credentials, scope: 'https://graph.microsoft.com/.default' })
    const answer = (await (await fetch(dev.tokenUrl!, { method: 'POST', body })).json()) as { access_token: string }
    return new House(parley, answer.access_token, dev.users[0]!.id)
  }

  /** A meeting everybody may enter, with a participant in it. */
  async meeting(joined: () => void = () => {}): Promise<Meeting> {
    const response = await fetch(`${this.#parley.url}/beta/app/onlineMeetings`, {
      method: 'POST',
      headers: this.#headers,
      body: JSON.stringify({
        meetingType: 'meetNow',
        accessLevel: 'everyone',
        entryExitAnnouncement: false,
        participants: { organizer: this.#organizer },
      }),
    })
    if (!response.ok) throw new Error(`creating a meeting was answered ${response.status}: ${await response.text()}`)
    const { chatInfo } = (await response.json()) as { chatInfo: { threadId: string } }
    const visitor = new DoorVisitor(this.#parley.url)
    await visitor.ask(chatInfo.threadId, 'Listens')
    const { dialin, media } = visitor
    if (!dialin || !media) throw new Error('the door gave no number or no way into the room')
    this.sipPort = Number(dialin.sip.split(':').at(-1))
    const others = (change: 'joined' | 'left') => change === 'joined' && joined()
    const participant = new LivekitLeg(media.url, media.token, participantRate, { muted() {}, others, lost() {} })
    await participant.connect()
    return { passcode: dialin.passcode, participant }
  }

  usage(): Usage {
    const pid = this.#parley.child.pid!
    const media = family(pid)
      .slice(1)
      .reduce((sum, each) => sum + processorSeconds(each), 0)
    return { server: processorSeconds(pid) - media, media }
  }

  get memoryMiB(): number {
    return residentMiB(this.#parley.child.pid!)
  }

  stop(): Promise<void> {
    return this.#parley.stop()
  }
}
