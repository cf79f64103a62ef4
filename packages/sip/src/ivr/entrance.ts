import type { Language, PhoneEntry } from '../door.ts'
import type { Clip } from '../media/pcm.ts'
import { silence } from '../media/tone.ts'
import { chooseLanguage } from './language.ts'
import { collectPasscode } from './passcode.ts'
import type { Phrase } from './prompts.ts'
import { record } from './recorder.ts'
import { beep } from './tones.ts'
import { say, type Visit } from './visit.ts'

const tries = 3
const languageWait = 2_500

/** Greet the caller, in the language of the number dialled or the one chosen by key. */
export async function greet(visit: Visit, known: Language | undefined): Promise<void> {
  // The first quarter second of a call is often lost on its way.
  const opening = silence(8_000, 250)
  if (known) {
    visit.lang = known
    await say(visit, [opening, 'welcome'], true)
    return
  }
  const { prompts } = visit.context
  const offers = [prompts.clip('en', 'language-key'), prompts.clip('es', 'language-key')]
  await say(visit, [opening, 'welcome', ...offers], true)
  visit.lang = (await chooseLanguage(visit.keypad, languageWait)) ?? visit.lang
}

/** Ask for the passcode until the door knows it: three tries, then goodbye. Nothing when the caller stays outside. */
export async function askPasscode(visit: Visit): Promise<PhoneEntry | undefined> {
  const { door } = visit.context
  let opening: Phrase[] = []
  for (let attempt = 1; attempt <= tries && !visit.gone.aborted; attempt++) {
    await say(visit, [...opening, 'enter-passcode'], true)
    const passcode = await collectPasscode(visit.keypad, door.passcodeLength)
    if (visit.gone.aborted) return undefined
    if (passcode === undefined) {
      opening = ['no-keys']
      continue
    }
    const { caller, callerName, dialled, trunk, id } = visit.call.info
    const result = await door.enter({ passcode, caller, callerName, dialled, trunk, lang: visit.lang, callId: id })
    if (result.outcome === 'entered') return result.entry
    if (result.outcome === 'throttled') {
      await say(visit, ['throttled', 'goodbye'])
      return undefined
    }
    opening = ['passcode-wrong', 'try-again']
    if (attempt === tries) await say(visit, ['passcode-wrong'])
  }
  await say(visit, ['too-many-tries', 'goodbye'])
  return undefined
}

/** Ask for the caller's name and record it. Nothing when none is spoken. */
export async function askName(visit: Visit): Promise<Clip | undefined> {
  // A key left over from the passcode would end the recording before it began.
  visit.keypad.clear()
  await say(visit, ['say-name', beep])
  const name = visit.gone.aborted ? undefined : await record(visit.line, visit.keypad)
  visit.keypad.clear()
  await say(visit, ['thank-you'])
  return name
}
