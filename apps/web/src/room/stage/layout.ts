type Grid = { columns: number; rows: number; width: number; height: number }

const wide = 16 / 9

/**
 * The grid that shows `count` tiles largest in a box (all in CSS pixels, tiles in whole ones): tiles fill their cell, but
 * are never wider than 16:9 nor narrower than `narrowest` (width / height), so that faces are not cut away.
 */
export function bestGrid(count: number, boxWidth: number, boxHeight: number, gap = 8, narrowest = 0.8): Grid {
  let best: Grid = { columns: 1, rows: Math.max(1, count), width: 0, height: 0 }
  for (let columns = 1; columns <= Math.max(1, count); columns += 1) {
    const rows = Math.ceil(Math.max(1, count) / columns)
    // Rounded before the proportions are taken: a pixel cut off afterwards distorts a small tile.
    const cellWidth = Math.floor((boxWidth - gap * (columns - 1)) / columns)
    const cellHeight = Math.floor((boxHeight - gap * (rows - 1)) / rows)
    if (cellWidth <= 0 || cellHeight <= 0) continue
    const width = Math.floor(Math.min(cellWidth, cellHeight * wide))
    const height = Math.floor(Math.min(cellHeight, width / narrowest))
    if (width * height > best.width * best.height) best = { columns, rows, width, height }
  }
  return best
}

/** How many tiles of at least `least` CSS pixels width fit a box; 49 at most, 1 at least. */
export function tilesPerPage(boxWidth: number, boxHeight: number, least = 150, gap = 8): number {
  const columns = Math.max(1, Math.floor((boxWidth + gap) / (least + gap)))
  const rows = Math.max(1, Math.floor((boxHeight + gap) / (least / 1.4 + gap)))
  return Math.min(49, columns * rows)
}

/** The part of a list that a page shows; a page past the end is the last. */
export function pageOf<T>(all: T[], size: number, page: number): { shown: T[]; page: number; pages: number } {
  const pages = Math.max(1, Math.ceil(all.length / size))
  const now = Math.min(Math.max(0, page), pages - 1)
  return { shown: all.slice(now * size, now * size + size), page: now, pages }
}

/** The same people in the same order, but whoever speaks and would be on a later page takes the last place of the first. */
export function withSpeaker<T extends { identity: string }>(all: T[], size: number, speaker: string | null): T[] {
  const at = all.findIndex((one) => one.identity === speaker)
  if (at < size || size < 2) return all
  const moved = all[at]
  if (!moved) return all
  const rest = all.filter((_, index) => index !== at)
  return [...rest.slice(0, size - 1), moved, ...rest.slice(size - 1)]
}
