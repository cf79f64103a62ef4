// Changes to the browser's network objects that only tests want. Imported before livekit-client makes any of them.

/** Every WebSocket the page opened, so that a test can drop one. */
export const sockets: WebSocket[] = []

const Original = globalThis.WebSocket
globalThis.WebSocket = class extends Original {
  constructor(url: string | URL, protocols?: string | string[]) {
    super(url, protocols)
    sockets.push(this)
  }
}

/** `?via=<server port>-<proxy port>`: send media through a proxy, and tell the server no address that would go round it. */
const via = new URLSearchParams(location.search).get('via')
if (via) {
  const [from, to] = via.split('-')
  const candidate = new RegExp(` ${from} typ host`, 'g')
  const redirect = (text: string) => text.replace(candidate, ` ${to} typ host`)
  const bare = (text: string) => text.replace(/a=candidate:[^\r\n]*\r?\n/g, '')
  // The callback forms of these methods are long gone; livekit-client uses the promises.
  interface Connection {
    addIceCandidate(init?: RTCIceCandidateInit | null): Promise<void>
    setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void>
    createOffer(options?: RTCOfferOptions): Promise<RTCSessionDescriptionInit>
    createAnswer(): Promise<RTCSessionDescriptionInit>
  }
  const own: Connection = RTCPeerConnection.prototype
  const { addIceCandidate, setRemoteDescription, createOffer, createAnswer } = own
  own.addIceCandidate = function (init) {
    const changed = init?.candidate
      ? { candidate: redirect(init.candidate), sdpMid: init.sdpMid ?? null, sdpMLineIndex: init.sdpMLineIndex ?? null }
      : init
    return addIceCandidate.call(this, changed)
  }
  own.setRemoteDescription = function (description) {
    return setRemoteDescription.call(this, { type: description.type, sdp: redirect(description.sdp ?? '') })
  }
  own.createOffer = async function (options) {
    const offer = await createOffer.call(this, options)
    return { type: offer.type, sdp: bare(offer.sdp ?? '') }
  }
  own.createAnswer = async function () {
    const answer = await createAnswer.call(this)
    return { type: answer.type, sdp: bare(answer.sdp ?? '') }
  }
  Object.defineProperty(own, 'onicecandidate', { set() {}, get: () => null })
}
