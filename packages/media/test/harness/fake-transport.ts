import { noExtensions } from '@parley/rtp'
import { createCertificate } from '../../src/peer/certificate.ts'
import { Transport } from '../../src/room/transport.ts'

const certificate = createCertificate()
const options = { certificate, udpHost: '127.0.0.1', udpPort: 0, announcedAddresses: ['127.0.0.1'], announcedPort: 1 }
const events = { packet: () => {}, connected: () => {}, failed: () => {}, channel: () => {}, message: () => {} }

/** A connection for unit tests that is open without a far end and keeps what is sent. */
export class FakeTransport extends Transport {
  readonly sent: Buffer[] = []

  constructor() {
    super(options, events)
    this.extensions = { ...noExtensions(), transportSequence: 3 }
  }

  override get isOpen(): boolean {
    return true
  }

  override send(packet: Buffer): void {
    this.sent.push(Buffer.from(packet))
  }
}
