import { createHash } from 'node:crypto'
import { addMillis } from '../../common/instant.ts'
import type { User } from '../../identity/directory.ts'
import type { Meeting } from '../../meetings/meeting.ts'
import { GraphError, invalidMember } from '../errors.ts'
import type { GraphContext, GraphRequest } from '../operation.ts'

const remembered = 24 * 3_600_000
/** A creation that has not ended by then died with its server. */
const abandoned = 60_000

/**
 * The `idempotency` extension: run a creation once for each Idempotency-Key of an application and user. The key is
 * reserved in the database first, so several at once make one meeting. Throws GraphError 409 when the key was used with
 * another body, or is in use.
 */
export async function onlyOnce(
  request: GraphRequest,
  context: GraphContext,
  user: User,
  create: () => Promise<Meeting>,
): Promise<{ meeting: Meeting; replayed: boolean }> {
  const key = request.extensions.has('idempotency') ? request.headers['idempotency-key'] : undefined
  if (key === undefined) return { meeting: await create(), replayed: false }
  if (!/^[\x21-\x7e]{1,255}$/.test(key)) throw invalidMember('Idempotency-Key', 'expected 1 to 255 visible ASCII characters')
  const row = { app_id: request.principal.appId, user_id: user.id, key }
  const bodyHash = createHash('sha256')
    .update(request.body ?? '')
    .digest('hex')
  const reserved = await reserve(context, row, bodyHash)
  if (!reserved) return { meeting: await earlier(context, row, bodyHash), replayed: true }
  try {
    const meeting = await create()
    await context.db
      .updateTable('idempotency_keys')
      .set({ meeting_id: meeting.id })
      .where((eb) => eb.and(row))
      .execute()
    return { meeting, replayed: false }
  } catch (error) {
    // A refused body may be mended and sent again under the same key.
    await context.db
      .deleteFrom('idempotency_keys')
      .where((eb) => eb.and(row))
      .where('meeting_id', 'is', null)
      .execute()
    throw error
  }
}

type Key = { app_id: string; user_id: string; key: string }

async function reserve(context: GraphContext, row: Key, bodyHash: string): Promise<boolean> {
  const now = context.clock.now()
  await context.db
    .deleteFrom('idempotency_keys')
    .where((eb) =>
      eb.or([
        eb('created_at', '<', addMillis(now, -remembered)),
        eb.and([eb('meeting_id', 'is', null), eb('created_at', '<', addMillis(now, -abandoned))]),
      ]),
    )
    .execute()
  const result = await context.db
    .insertInto('idempotency_keys')
    .values({ ...row, body_hash: bodyHash, meeting_id: null, created_at: now })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  return result.numInsertedOrUpdatedRows === 1n
}

async function earlier(context: GraphContext, row: Key, bodyHash: string): Promise<Meeting> {
  const known = await context.db
    .selectFrom('idempotency_keys')
    .selectAll()
    .where((eb) => eb.and(row))
    .executeTakeFirst()
  if (known !== undefined && known.body_hash !== bodyHash) throw new GraphError('keyReused', { target: 'Idempotency-Key' })
  if (known?.meeting_id == null) throw new GraphError('keyInUse', { target: 'Idempotency-Key', headers: { 'Retry-After': '1' } })
  const meeting = await context.meetingStore.findById(known.meeting_id)
  if (meeting === undefined) throw new GraphError('meetingNotFound')
  return meeting
}
