import { Button } from '@fluentui/react-components'
import { ChevronLeftRegular } from '@fluentui/react-icons/svg/chevron-left'
import { ChevronRightRegular } from '@fluentui/react-icons/svg/chevron-right'
import { type CSSProperties, useMemo, useState } from 'react'
import { useT } from '../../i18n/i18n.tsx'
import { Name } from '../../lib/name.tsx'
import { useStore } from '../../lib/store.ts'
import { type Person, raisedHands } from '../../media/people.ts'
import type { RoomSession } from '../../media/room-session.ts'
import { sayStanding, shortStandingOf } from '../standing.ts'
import { bestGrid, pageOf, tilesPerPage, withSpeaker } from './layout.ts'
import { Tile } from './tile.tsx'
import { TrackVideo } from './track-video.tsx'
import { useSize } from './use-size.ts'

type Props = {
  session: RoomSession
  view: 'gallery' | 'speaker'
  pinned: string | null
  pin: (identity: string | null) => void
  mirrored: boolean
}

const gap = 8

/** Everybody and everything to look at, arranged for the window. */
export function Stage({ session, view, pinned, pin, mirrored }: Props) {
  const t = useT()
  const { people, shares, speaker, reactions } = useStore(session.store, (state) => state)
  const [ref, size] = useSize<HTMLDivElement>()
  const [page, setPage] = useState(0)
  const hands = useMemo(() => new Map(raisedHands(people).map((person, index) => [person.identity, index + 1])), [people])
  const lastReaction = useMemo(() => new Map(reactions.map((one) => [one.identity, one.emoji])), [reactions])

  const tile = (person: Person, style?: CSSProperties) => (
    <Tile
      key={person.identity}
      person={person}
      hand={hands.get(person.identity) ?? 0}
      reaction={lastReaction.get(person.identity) ?? null}
      pinned={pinned === person.identity}
      mirrored={mirrored}
      pin={people.length > 1 ? pin : null}
      {...(style ? { style } : {})}
    />
  )

  const share = shares.at(-1)
  const sharer = people.find((person) => person.identity === share?.identity)
  const standing = sharer && !sharer.local ? shortStandingOf(sharer) : []
  const pinnedPerson = people.find((person) => person.identity === pinned)
  const others = people.filter((person) => !person.local)
  const main = pinnedPerson ?? people.find((person) => person.identity === speaker) ?? others[0] ?? people[0]

  if (share && !(pinnedPerson && share.local)) {
    const first = (person: Person) =>
      person.identity === pinned ? 0 : person.identity === share.identity ? 1 : person.speaking ? 2 : 3
    const strip = [...people].sort((a, b) => first(a) - first(b))
    return (
      <div ref={ref} className="stage stage-main" data-side={size.width > size.height}>
        <figure className="share" aria-label={t('room.screenOf', { name: share.name })}>
          <TrackVideo track={share.track} whole />
          <figcaption>
            {share.local ? t('room.yourScreen') : <Name name={share.name} />}
            {standing.length > 0 && ` · ${sayStanding(t, standing)}`}
          </figcaption>
        </figure>
        <div className="strip">{strip.map((person) => tile(person))}</div>
      </div>
    )
  }
  if ((view === 'speaker' || pinnedPerson) && main && people.length > 1) {
    const rest = people.filter((person) => person !== main)
    return (
      <div ref={ref} className="stage stage-main" data-side={size.width > size.height}>
        <div className="main-tile">{tile(main)}</div>
        <div className="strip">{rest.map((person) => tile(person))}</div>
      </div>
    )
  }
  const perPage = tilesPerPage(size.width, size.height)
  const ordered = withSpeaker(people, perPage, speaker)
  const now = pageOf(ordered, perPage, page)
  const grid = bestGrid(now.shown.length, size.width, size.height, gap, size.width < 640 ? 0.8 : 1)
  return (
    <div className="stage">
      <div ref={ref} className="grid-space">
        <div className="grid" style={{ gap, width: grid.columns * (grid.width + gap) - gap }}>
          {size.width > 0 && now.shown.map((person) => tile(person, { width: grid.width, height: grid.height }))}
        </div>
      </div>
      {now.pages > 1 && (
        <nav className="pager" aria-label={t('room.page', { page: now.page + 1, pages: now.pages })}>
          <Button
            icon={<ChevronLeftRegular />}
            aria-label={t('room.previous')}
            disabledFocusable={now.page === 0}
            onClick={() => setPage(now.page - 1)}
          />
          <span>
            {now.page + 1} / {now.pages}
          </span>
          <Button
            icon={<ChevronRightRegular />}
            aria-label={t('room.next')}
            disabledFocusable={now.page === now.pages - 1}
            onClick={() => setPage(now.page + 1)}
          />
        </nav>
      )}
    </div>
  )
}
