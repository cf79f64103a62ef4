/** Seconds between the NTP epoch (1900) and Unix's (1970). */
const NTP_OFFSET_S = 2_208_988_800

/** Milliseconds since the Unix epoch as the two halves of an NTP timestamp: seconds and their fraction in 1/2^32. */
export function ntpTime(unixMs: number): [seconds: number, fraction: number] {
  const seconds = Math.floor(unixMs / 1000)
  return [(seconds + NTP_OFFSET_S) >>> 0, Math.floor(((unixMs - seconds * 1000) / 1000) * 2 ** 32) >>> 0]
}

/** The milliseconds since the Unix epoch an NTP timestamp says. */
export function unixMsOf(seconds: number, fraction: number): number {
  return (seconds - NTP_OFFSET_S) * 1000 + (fraction / 2 ** 32) * 1000
}

/** The middle 32 bits of an NTP timestamp, in 1/65536 s: how reports name the sender report they answer. */
export function middleOf(seconds: number, fraction: number): number {
  return (((seconds & 0xffff) << 16) | (fraction >>> 16)) >>> 0
}
