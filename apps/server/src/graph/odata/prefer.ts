/** What `Prefer` asks for, names in lower case (RFC 7240); a preference without a value has ''. */
export function parsePrefer(header: string | undefined): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const part of (header ?? '').split(',')) {
    const match = /^\s*([\w.-]+)\s*(?:=\s*(?:"([^"]*)"|([^\s;]*)))?/.exec(part)
    if (match === null) continue
    const name = match[1]!.toLowerCase()
    // The first of two is the one that counts.
    if (!found.has(name)) found.set(name, match[2] ?? match[3] ?? '')
  }
  return found
}

const honoured = ['include-unknown-enum-members', 'return'] as const

/** The `Preference-Applied` header for those preferences that were honoured. */
export function preferenceApplied(preferences: ReadonlyMap<string, string>, names: readonly (typeof honoured)[number][]) {
  const applied = names.filter((name) => preferences.has(name))
  if (applied.length === 0) return {}
  const text = applied.map((name) => (preferences.get(name) === '' ? name : `${name}=${preferences.get(name)}`))
  return { 'Preference-Applied': text.join(', ') }
}
