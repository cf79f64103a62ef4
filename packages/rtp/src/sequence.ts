/** The signed distance from `b` to `a` in 16-bit sequence space, -32768 to 32767. */
export function distance(a: number, b: number): number {
  const d = (a - b) & 0xffff
  return d < 0x8000 ? d : d - 0x10000
}

/** The extended sequence number nearest to `reference` whose low 16 bits are `sequence`. */
export function extend(sequence: number, reference: number): number {
  return reference + distance(sequence, reference & 0xffff)
}
