import { isRole, type Role } from '@parley/door-api'
import { ConnectionQuality, type Participant, type Room, Track, type TrackPublication } from 'livekit-client'
import { safeName } from '../lib/safe-name.ts'
import { isFitting } from './fitting.ts'

/** A person in the room as the page shows them; the same object while nothing shown has changed. */
export type Person = {
  identity: string
  name: string
  local: boolean
  role: Role
  phone: boolean
  signedIn: boolean
  microphone: boolean
  speaking: boolean
  poor: boolean
  /** ISO time when the hand was raised, or null. */
  hand: string | null
  /** The camera's track when there is something to show. */
  camera: Track | null
  sharing: boolean
  joinedAt: number
}

/** A shared screen. */
export type Share = { id: string; identity: string; name: string; local: boolean; track: Track }

const published = (participant: Participant, source: Track.Source): TrackPublication | undefined => {
  const publication = participant.getTrackPublication(source)
  return publication && isFitting(publication) ? publication : undefined
}

const showing = (publication: TrackPublication | undefined): Track | null =>
  publication?.track && !publication.isMuted ? publication.track : null

function personOf(participant: Participant, speaking: boolean): Person {
  const { attributes } = participant
  const microphone = published(participant, Track.Source.Microphone)
  return {
    identity: participant.identity,
    name: safeName(participant.name || '', '…'),
    local: participant.isLocal,
    role: isRole(attributes.role) ? attributes.role : 'attendee',
    phone: attributes.phone === '1',
    signedIn: attributes.signedIn === '1' || attributes.signedIn === 'true',
    microphone: microphone !== undefined && !microphone.isMuted,
    speaking: speaking && microphone !== undefined && !microphone.isMuted,
    poor: participant.connectionQuality === ConnectionQuality.Poor || participant.connectionQuality === ConnectionQuality.Lost,
    hand: attributes.hand || null,
    camera: showing(published(participant, Track.Source.Camera)),
    sharing: published(participant, Track.Source.ScreenShare) !== undefined,
    joinedAt: participant.joinedAt?.getTime() ?? 0,
  }
}

const same = (a: Person, b: Person): boolean => (Object.keys(a) as (keyof Person)[]).every((key) => a[key] === b[key])

/** Everybody in the room: oneself first, then in the order of coming. `before` keeps unchanged objects the same. */
export function peopleOf(room: Room, before: Person[]): Person[] {
  const speakers = new Set(room.activeSpeakers.map((one) => one.identity))
  const old = new Map(before.map((person) => [person.identity, person]))
  return [room.localParticipant, ...room.remoteParticipants.values()]
    .map((participant) => {
      const person = personOf(participant, speakers.has(participant.identity))
      const known = old.get(person.identity)
      return known && same(known, person) ? known : person
    })
    .sort((a, b) => Number(b.local) - Number(a.local) || a.joinedAt - b.joinedAt || (a.identity < b.identity ? -1 : 1))
}

/** Every shared screen, the newest last. */
export function sharesOf(room: Room, before: Share[]): Share[] {
  const old = new Map(before.map((share) => [share.id, share]))
  const shares: Share[] = []
  for (const participant of [room.localParticipant, ...room.remoteParticipants.values()]) {
    const publication = published(participant, Track.Source.ScreenShare)
    const track = showing(publication)
    if (!publication || !track) continue
    const known = old.get(publication.trackSid)
    shares.push(
      known && known.track === track
        ? known
        : {
            id: publication.trackSid,
            identity: participant.identity,
            name: safeName(participant.name || '', '…'),
            local: participant.isLocal,
            track,
          },
    )
  }
  const order = before.map((share) => share.id)
  const place = (share: Share) => (order.includes(share.id) ? order.indexOf(share.id) : order.length)
  return shares.sort((a, b) => place(a) - place(b))
}

/** People with a raised hand, the first to raise first. */
export function raisedHands(people: Person[]): Person[] {
  return people.filter((person) => person.hand).sort((a, b) => (a.hand! < b.hand! ? -1 : a.hand! > b.hand! ? 1 : 0))
}
