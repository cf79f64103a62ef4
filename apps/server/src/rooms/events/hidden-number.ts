/** A telephone number with its last digits hidden. */
export function hiddenNumber(digits: string): string {
  const hidden = Math.min(4, Math.max(1, digits.length - 3))
  return digits.slice(0, -hidden) + '•'.repeat(hidden)
}
