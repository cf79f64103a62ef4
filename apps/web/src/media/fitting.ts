/** What each source may be. The server asks for the right of the source alone, so a source that is something else is a lie. */
const kinds: Readonly<Record<string, string>> = {
  camera: 'video',
  microphone: 'audio',
  screen_share: 'video',
  screen_share_audio: 'audio',
}

/** Whether a track is of the kind (LiveKit's `Track.Kind`) that its source (`Track.Source`) says; nothing else is played or shown. */
export function isFitting({ source, kind }: { source: string; kind: string }): boolean {
  return Object.hasOwn(kinds, source) && kinds[source] === kind
}
