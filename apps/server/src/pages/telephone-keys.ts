import type { Language } from '../common/language.ts'

/** What keys do during a call (the voice menu of packages/sip), as people read it. */
export const telephoneKeys: Record<Language, readonly (readonly [keys: string, does: string])[]> = {
  en: [
    ['*6', 'microphone off or on'],
    ['*5', 'raise or lower the hand'],
    ['*4', 'hear who is here'],
    ['*9', 'leave'],
    ['*1', 'help'],
  ],
  es: [
    ['*6', 'apagar o encender el micrófono'],
    ['*5', 'levantar o bajar la mano'],
    ['*4', 'oír quién está'],
    ['*9', 'salir'],
    ['*1', 'ayuda'],
  ],
}
