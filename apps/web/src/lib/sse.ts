/** One event of a `text/event-stream` (WHATWG HTML, 9.2.6). */
export type StreamEvent = { event: string; data: string }

/**
 * A parser for `text/event-stream` that is fed text as it comes and returns the events completed by it.
 * Written out because EventSource cannot send the Authorization header.
 */
export function createStreamParser(): (text: string) => StreamEvent[] {
  let rest = ''
  let event = ''
  let data: string[] = []
  let endedInReturn = false
  return (text) => {
    // A CR at the end of one piece and an LF at the start of the next are one line end.
    const input = endedInReturn && text.startsWith('\n') ? text.slice(1) : text
    endedInReturn = text === '' ? endedInReturn : text.endsWith('\r')
    // Only what is new is searched, or a long line in small pieces would be read again with each.
    const lines = input.split(/\r\n|\n|\r/)
    lines[0] = rest + lines[0]
    rest = lines.pop() ?? ''
    const events: StreamEvent[] = []
    for (const line of lines) {
      if (line === '') {
        if (data.length > 0) events.push({ event: event || 'message', data: data.join('\n') })
        event = ''
        data = []
        continue
      }
      const colon = line.indexOf(':')
      const field = colon < 0 ? line : line.slice(0, colon)
      const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
      if (field === 'event') event = value
      else if (field === 'data') data.push(value)
    }
    return events
  }
}
