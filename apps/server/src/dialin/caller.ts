import { hiddenNumber } from '../rooms/events/hidden-number.ts'

/** What a caller is called in the meeting: the number with its last digits hidden, or "Caller" when it is withheld. */
export function nameOfCaller(number: string, lang: 'en' | 'es'): string {
  const digits = numberOf(number)
  if (digits === '') return lang === 'es' ? 'Llamada oculta' : 'Unknown caller'
  return hiddenNumber(digits)
}

/** The digits of a number a trunk gave, `+` kept; empty when it is withheld or no number at all. */
export function numberOf(caller: string): string {
  const number = caller.replace(/[\s().-]/g, '')
  return /^\+?\d{2,20}$/.test(number) ? number : ''
}
