/** A `tel:` link that calls a number, waits for the greeting and types the passcode. */
export function telLink(number: string, passcode: string | null): string {
  return `tel:${number}${passcode ? `,,${passcode}%23` : ''}`
}
