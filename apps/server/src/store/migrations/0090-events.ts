import { type Kysely, sql } from 'kysely'

/** What happens in meetings, written down in the same unit as the change; who looks after what among several processes. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('room_states')
    .addColumn('seq', 'integer', (column) => column.notNull().defaultTo(0))
    .execute()
  // No foreign key to meetings: that a meeting was deleted must outlive it.
  await db.schema
    .createTable('meeting_events')
    .addColumn('meeting_id', 'text', (column) => column.notNull())
    .addColumn('seq', 'integer', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('payload', 'text', (column) => column.notNull())
    .addColumn('at', 'text', (column) => column.notNull())
    .addColumn('pending', 'integer')
    .addPrimaryKeyConstraint('meeting_events_key', ['meeting_id', 'seq'])
    .execute()
  await db.schema
    .createIndex('meeting_events_pending')
    .on('meeting_events')
    .columns(['meeting_id', 'seq'])
    .where(sql.ref('pending'), '=', 1)
    .execute()
  await db.schema
    .createIndex('meeting_events_deleted')
    .on('meeting_events')
    .column('at')
    .where(sql.ref('kind'), '=', 'meetingDeleted')
    .execute()
  await db.schema.createIndex('meeting_events_at').on('meeting_events').column('at').execute()
  await db.schema.alterTable('notifications').addColumn('event_seq', 'integer').execute()
  await db.schema
    .alterTable('notifications')
    .addColumn('position', 'integer', (column) => column.notNull().defaultTo(0))
    .execute()
  await db.schema
    .createIndex('notifications_event')
    .unique()
    .on('notifications')
    .columns(['subscription_id', 'event_seq'])
    .execute()
  await db.schema.createIndex('notifications_position').on('notifications').columns(['subscription_id', 'position']).execute()
  await db.schema
    .createTable('nodes')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('started_at', 'text', (column) => column.notNull())
    .addColumn('seen_at', 'text', (column) => column.notNull())
    .execute()
  await db.schema.alterTable('admissions').addColumn('node_id', 'text').execute()
  await db.schema.createIndex('admissions_node').on('admissions').columns(['node_id', 'state']).execute()
}
