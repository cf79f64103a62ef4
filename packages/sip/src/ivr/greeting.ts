import type { Language, PhoneEntry } from '../door.ts'
import type { Clip } from '../media/pcm.ts'
import { silence } from '../media/tone.ts'
import { type CallSession, say } from './call-session.ts'
import { chooseLanguage } from './language.ts'
import { collectPasscode } from './passcode.ts'
import type { Phrase } from './prompts.ts'
import { record } from './recorder.ts'
import { beep } from './tones.ts'

const tries = 3
const languageWait = 2_500

/** Greet the caller, in the language of the number dialled or the one chosen by key. */
export async function greet(session: CallSession, known: Language | undefined): Promise<void> {
  // The first quarter second of a call is often lost on its way.
  const opening = silence(8_000, 250)
  if (known) {
    session.lang = known
    await say(session, [opening, 'welcome'], true)
    return
  }
  const { prompts } = session.context
  const offers = [prompts.clip('en', 'language-key'), prompts.clip('es', 'language-key')]
  await say(session, [opening, 'welcome', ...offers], true)
  session.lang = (await chooseLanguage(session.keypad, languageWait)) ?? session.lang
}

/** Ask for the passcode until the door knows it: three tries, then goodbye. Nothing when the caller stays outside. */
export async function askPasscode(session: CallSession): Promise<PhoneEntry | undefined> {
  const { door } = session.context
  let opening: Phrase[] = []
  for (let attempt = 1; attempt <= tries && !session.gone.aborted; attempt++) {
    await say(session, [...opening, 'enter-passcode'], true)
    const passcode = await collectPasscode(session.keypad, door.passcodeLength)
    if (session.gone.aborted) return undefined
    if (passcode === undefined) {
      opening = ['no-keys']
      continue
    }
    const { caller, callerName, dialled, trunk, id } = session.call.info
    const result = await door.enter({ passcode, caller, callerName, dialled, trunk, lang: session.lang, callId: id })
    if (result.outcome === 'entered') return result.entry
    if (result.outcome === 'throttled') {
      await say(session, ['throttled', 'goodbye'])
      return undefined
    }
    opening = ['passcode-wrong', 'try-again']
    if (attempt === tries) await say(session, ['passcode-wrong'])
  }
  await say(session, ['too-many-tries', 'goodbye'])
  return undefined
}

/** Ask for the caller's name and record it. Nothing when none is spoken. */
export async function askName(session: CallSession): Promise<Clip | undefined> {
  // A key left over from the passcode would end the recording before it began.
  session.keypad.clear()
  await say(session, ['say-name', beep])
  const name = session.gone.aborted ? undefined : await record(session.line, session.keypad)
  session.keypad.clear()
  await say(session, ['thank-you'])
  return name
}
