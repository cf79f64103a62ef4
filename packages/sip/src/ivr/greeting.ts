import type { Language, PhoneEntry } from '../door.ts'
import type { Clip } from '../media/pcm.ts'
import { silence } from '../media/tone.ts'
import { type CallSession, say } from './call-session.ts'
import { chooseLanguage } from './language.ts'
import { collectPasscode } from './passcode.ts'
import type { Phrase } from './prompts.ts'
import { record } from './recorder.ts'
import { beep, holdSound } from './tones.ts'

const tries = 3
const languageWait = 2_500
/** How long a caller hears nothing after the passcode before being asked to wait. */
const silenceMs = 1_500

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
  for (let count = 1; count <= tries && !session.gone.aborted; count++) {
    await say(session, [...opening, 'enter-passcode'], true)
    const passcode = await collectPasscode(session.keypad, door.passcodeLength)
    if (session.gone.aborted) return undefined
    if (passcode === undefined) {
      opening = ['no-keys']
      continue
    }
    const { caller, callerName, dialled, trunk, id } = session.call.info
    const attempt = { passcode, caller, callerName, dialled, trunk, lang: session.lang, callId: id }
    const result = await patiently(session, door.enter(attempt))
    if (result.outcome === 'entered') return result.entry
    if (result.outcome === 'throttled') {
      await say(session, ['throttled', 'goodbye'])
      return undefined
    }
    opening = ['passcode-wrong', 'try-again']
    if (count === tries) await say(session, ['passcode-wrong'])
  }
  await say(session, ['too-many-tries', 'goodbye'])
  return undefined
}

/** Wait for the door's word; where it takes its time, as when tries wait in turn, not in silence. */
async function patiently<Result>(session: CallSession, word: Promise<Result>): Promise<Result> {
  const wait = setTimeout(() => void say(session, ['reconnecting', holdSound, holdSound, holdSound, holdSound]), silenceMs)
  try {
    return await word
  } finally {
    clearTimeout(wait)
    session.line.stop()
  }
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
